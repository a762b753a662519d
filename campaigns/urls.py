"""Routes of campaigns."""

from django.urls import path

from . import desk
from .views import adjusting, campaign, draws, duties, frames, terms, widening

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
    path("<int:pk>/show/<int:authority_pk>/", frames.show, name="show"),
    path("sampling/frames/<int:pk>/", frames.frame, name="frame"),
    path("sampling/frames/<int:pk>/freeze/", frames.freeze, name="freeze"),
    path("sampling/frames/<int:pk>/withdraw/", frames.withdraw, name="withdraw_frame"),
    path("sampling/frames/<int:pk>/annul/", frames.annul, name="annul"),
    path("sampling/frames/<int:pk>/export/", frames.export, name="frame_export"),
    path("sampling/frames/<int:pk>/rehearse/", draws.rehearse, name="rehearse"),
    path("sampling/frames/<int:pk>/announce/", terms.announce, name="announce"),
    path("sampling/terms/", terms.index, name="terms_index"),
    path("sampling/terms/<int:pk>/", terms.detail, name="terms"),
    path("sampling/terms/<int:pk>/paper/", terms.paper, name="terms_paper"),
    path("sampling/terms/<int:pk>/acknowledge/", terms.acknowledge, name="acknowledge"),
    path("sampling/terms/<int:pk>/enter/", terms.enter, name="enter_value"),
    path("sampling/terms/<int:pk>/confirm/", terms.confirm, name="confirm_value"),
    path("sampling/terms/<int:pk>/missed/", terms.missed, name="missed_value"),
    path("sampling/draws/<int:pk>/", draws.draw, name="draw"),
    path("sampling/draws/<int:pk>/directed/", draws.directed, name="directed"),
    path("sampling/draws/<int:pk>/supplement/", widening.supplement, name="supplement"),
    path("sampling/drawn/<int:pk>/further/", widening.further, name="further"),
    path("sampling/draws/<int:pk>/strike/", widening.strike, name="strike"),
    path("sampling/draws/<int:pk>/void/", draws.void, name="void"),
    path("sampling/draws/<int:pk>/record/", draws.record, name="record"),
    path("sampling/draws/<int:pk>/record.json", draws.record_json, name="record_json"),
    path("sampling/draws/<int:pk>/export/", draws.export, name="draw_export"),
]
