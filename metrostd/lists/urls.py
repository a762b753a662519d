"""Routes of lists: taking them in, handing them over, rows that come back."""

from django.urls import path

from .views import hand_overs, imports, returned

app_name = "lists"
urlpatterns = [
    path("imports/", imports.index, name="index"),
    path("imports/upload/", imports.upload, name="upload"),
    path("imports/template/", imports.template, name="template"),
    path("imports/<int:pk>/", imports.detail, name="detail"),
    path("imports/<int:pk>/file/", imports.original, name="file"),
    path("imports/<int:pk>/reread/", imports.reread, name="reread"),
    path("imports/<int:pk>/decide/", imports.decide, name="decide"),
    path("imports/<int:pk>/commit/", imports.commit, name="commit"),
    path("imports/<int:pk>/discard/", imports.discard, name="discard"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo"),
    path("hand-overs/lists/<int:pk>/", returned.of_list, name="hand_overs_of_list"),
    path("hand-overs/lists/<int:pk>/remind/", returned.remind, name="remind"),
    path("hand-overs/lists/<int:pk>/due/", returned.reschedule, name="reschedule"),
    path("hand-overs/lists/<int:pk>/assign/", returned.assign, name="assign"),
    path("hand-overs/", hand_overs.index, name="hand_overs"),
    path("hand-overs/<int:pk>/", hand_overs.detail, name="hand_over"),
    path("hand-overs/<int:pk>/return/", hand_overs.send_back, name="hand_over_return"),
    path("hand-overs/<int:pk>/confirm/", hand_overs.confirm, name="hand_over_confirm"),
    path("hand-overs/<int:pk>/acknowledge/", hand_overs.acknowledge, name="hand_over_acknowledge"),
    path("hand-overs/<int:pk>/receipt/", hand_overs.receipt, name="hand_over_receipt"),
    path("hand-overs/<int:pk>/export/", hand_overs.export, name="hand_over_export"),
    path("hand-overs/returned/<int:pk>/", returned.detail, name="returned"),
    path("hand-overs/returned/<int:pk>/decide/", returned.decide, name="returned_decide"),
    path("hand-overs/returned/<int:pk>/take-back/", returned.take_back, name="returned_take_back"),
    path("hand-overs/returned/<int:pk>/accept/", returned.accept, name="returned_accept"),
    path("hand-overs/returned/<int:pk>/insist/", returned.insist, name="returned_insist"),
]
