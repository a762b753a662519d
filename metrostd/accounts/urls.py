"""Sign-in, one's own account, acting membership."""

from django.urls import path

from .views import own, signing_in

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
]
