"""Sign-in, one's own account, acting membership."""

from django.urls import path

from .views import account_acts, offices, own, people, signing_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/code/", signing_in.second_step, name="second_step"),
    path("activate/", signing_in.activate, name="activate"),
    path("forgotten/", signing_in.forgotten, name="forgotten"),
    path("sign-out/", signing_in.SignOut.as_view(), name="sign_out"),
    path("choose/", signing_in.choose, name="choose"),
    path("act/<int:pk>/", signing_in.act, name="act"),
    path("own/", own.own, name="own"),
    path("password/", own.password, name="password"),
    path("second-factor/", own.second_factor_page, name="second_factor"),
    path("second-factor/confirm/", own.second_factor_confirm, name="second_factor_confirm"),
    path("second-factor/off/", own.second_factor_off, name="second_factor_off"),
    path("second-factor/recovery/", own.recovery_codes, name="recovery_codes"),
    path("sessions/<int:pk>/close/", own.close_session, name="close_session"),
    path("sessions/close-others/", own.close_others, name="close_others"),
    path("addresses/", own.addresses, name="addresses"),
    path("addresses/send/", own.send_mail_code, name="send_mail_code"),
    path("addresses/prove/", own.prove_mail, name="prove_mail"),
    path("people/", people.index, name="people"),
    path("people/new/", people.create, name="create"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit, name="edit"),
    path("people/<int:pk>/grant/", people.grant, name="grant"),
    path("people/<int:pk>/code/", account_acts.give_code, name="give_code"),
    path("people/<int:pk>/close/", account_acts.close, name="close"),
    path("people/<int:pk>/reopen/", account_acts.reopen, name="reopen"),
    path("people/<int:pk>/wake/", account_acts.wake, name="wake"),
    path("people/<int:pk>/unlock/", account_acts.unlock, name="unlock"),
    path("people/<int:pk>/sessions/end/", account_acts.end_sessions, name="end_sessions"),
    path(
        "people/<int:pk>/second-factor/clear/",
        account_acts.clear_second_factor,
        name="clear_second_factor",
    ),
    path("people/<int:pk>/phone/confirm/", account_acts.confirm_phone, name="confirm_phone"),
    path("memberships/<int:pk>/", people.change, name="change"),
    path("memberships/<int:pk>/leave/", account_acts.leave, name="leave"),
    path("offices/", offices.index, name="offices"),
    path("offices/new/", offices.create, name="office_create"),
    path("offices/<int:pk>/", offices.detail, name="office"),
    path("offices/<int:pk>/edit/", offices.edit, name="office_edit"),
    path("access/", offices.access, name="access"),
    path("access/export/", offices.access_export, name="access_export"),
]
