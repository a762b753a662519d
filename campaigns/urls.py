"""Routes of campaigns."""

from django.urls import path

from . import desk
from .views import adjusting, campaign, draws, duties, frames, widening

app_name = "campaigns"
urlpatterns = [
    path("", campaign.index, name="index"),
    path("new/", campaign.create, name="create"),
    path("<int:pk>/", campaign.detail, name="detail"),
    path("<int:pk>/edit/", campaign.edit, name="edit"),
    path("<int:pk>/open/", campaign.open_campaign, name="open"),
    path("<int:pk>/close/", campaign.close, name="close"),
    path("<int:pk>/adjust/", adjusting.adjust, name="adjust"),
    path("<int:pk>/reopen/", campaign.reopen, name="reopen"),
    path("editions/<int:pk>/", campaign.edition, name="edition"),
    path("<int:pk>/routing/", campaign.routing, name="routing"),
    path("routing/<int:pk>/resolve/", campaign.resolve, name="resolve"),
    path("choose/<int:pk>/", desk.choose, name="choose"),
    path("duties/", duties.index, name="duties"),
    path("duties/export/", duties.export, name="duties_export"),
    path("duties/chase/", duties.chase, name="duties_chase"),
    path("duties/<int:pk>/", desk.duty, name="duty"),
    path("sampling/", frames.index, name="sampling"),
    path("<int:pk>/freeze/<int:authority_pk>/", frames.freeze, name="freeze"),
    path("sampling/frames/<int:pk>/", frames.frame, name="frame"),
    path("sampling/frames/<int:pk>/lift/", frames.lift, name="lift"),
    path("sampling/frames/<int:pk>/export/", frames.export, name="frame_export"),
    path("sampling/frames/<int:pk>/draw/", draws.rehearse, name="rehearse"),
    path("sampling/frames/<int:pk>/draw/commit/", draws.commit, name="commit_draw"),
    path("sampling/draws/<int:pk>/", draws.draw, name="draw"),
    path("sampling/draws/<int:pk>/directed/", draws.directed, name="directed"),
    path("sampling/draws/<int:pk>/supplement/", widening.supplement, name="supplement"),
    path("sampling/drawn/<int:pk>/further/", widening.further, name="further"),
    path("sampling/draws/<int:pk>/void/", draws.void, name="void"),
    path("sampling/draws/<int:pk>/record/", draws.record, name="record"),
    path("sampling/draws/<int:pk>/export/", draws.export, name="draw_export"),
]
