"""The whole site map on one page."""

from __future__ import annotations

from allauth.account import views as sign_in
from allauth.mfa.base import views as code
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.cache import never_cache

from shipboard.desk import (
    account,
    audit,
    changes,
    demo,
    errors,
    export_columns,
    export_form,
    export_schedules,
    exports,
    filter_panel,
    health,
    help,
    invitations,
    looks,
    order_detail,
    order_list,
    order_verbs,
    people,
    runs,
    selection,
    shops,
    uploads,
    views,
)

urlpatterns = [
    path("", order_list.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("login/", login_not_required(sign_in.login), name="account_login"),
    path("logout/", sign_in.logout, name="account_logout"),
    path("orders/", order_list.order_list, name="order_list"),
    path("orders/filter/", filter_panel.filter_panel, name="filter_panel"),
    path("orders/view/", looks.remember_view, name="order_view"),
    path("orders/columns/", looks.choose_columns, name="order_columns"),
    path("orders/views/", views.rail, name="views_rail"),
    path("orders/changes/", changes.changes, name="changes"),
    path("keys/", help.keys, name="keys"),
    path("orders/selection/", selection.bulk_bar, name="selection"),
    path("orders/<str:order_id>/", order_detail.order_detail, name="order_detail"),
    path("orders/<str:order_id>/reveal/", order_detail.reveal, name="reveal"),
    path("orders/<str:order_id>/note/", order_verbs.note, name="note"),
    path("orders/<str:order_id>/note/<int:pk>/remove/", order_verbs.remove, name="remove_note"),
    path("orders/<str:order_id>/flag/", order_verbs.flag, name="flag"),
    path("orders/<str:order_id>/hold/", order_verbs.hold, name="hold"),
    path("orders/<str:order_id>/release/", order_verbs.release, name="release"),
    path("runs/", runs.runs, name="runs"),
    path("runs/form/", runs.run_form, name="run_form"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/retry/", runs.retry, name="retry_run"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("uploads/<int:pk>/rejected.csv", uploads.rejected_file, name="rejected_file"),
    path("exports/", exports.exports, name="exports"),
    path("exports/new/", export_form.new_export, name="new_export"),
    path("exports/notice/", exports.notice, name="export_notice"),
    path("exports/columns/", export_columns.choose_columns, name="export_columns"),
    path("exports/columns/<int:pk>/remove/", export_columns.remove_layout, name="remove_layout"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/cancel/", exports.cancel_export, name="cancel_export"),
    path("exports/<int:pk>/retry/", exports.retry_export, name="retry_export"),
    path("exports/<int:pk>/file/", exports.export_file, name="export_file"),
    path("exports/<int:pk>/noted/", exports.note_export, name="note_export"),
    path("exports/schedules/new/", export_schedules.new_schedule, name="new_schedule"),
    path(
        "exports/schedules/<int:pk>/pause/", export_schedules.pause_schedule, name="pause_schedule"
    ),
    path(
        "exports/schedules/<int:pk>/resume/",
        export_schedules.resume_schedule,
        name="resume_schedule",
    ),
    path(
        "exports/schedules/<int:pk>/remove/",
        export_schedules.remove_schedule,
        name="remove_schedule",
    ),
    path("views/", views.views, name="views"),
    path("views/new/", views.new_view, name="new_view"),
    path("views/<int:pk>/rename/", views.rename, name="rename_view"),
    path("views/<int:pk>/share/", views.share, name="share_view"),
    path("views/<int:pk>/remove/", views.remove, name="remove_view"),
    path("shops/", shops.shops, name="shops"),
    path("shops/<slug:slug>/", shops.shop, name="shop"),
    path("shops/<slug:slug>/remove/", shops.remove, name="remove_shop"),
    path("own-shop/", demo.own_shop, name="own_shop"),
    path("settings/", account.own, name="mfa_index"),
    path("settings/password/", account.password, name="password"),
    path("settings/sign-out-others/", account.sign_out_others, name="sign_out_others"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/close/", people.close_person, name="close_person"),
    path("settings/people/<int:pk>/open/", people.open_person, name="open_person"),
    path("settings/people/<int:pk>/reset-code/", people.reset_person, name="reset_person"),
    path("settings/invitations/<int:pk>/revoke/", people.revoke_invitation, name="revoke"),
    path("settings/audit/", audit.audit_page, name="audit"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    # allauth's own views, under the names that it asks for: the second step of signing in, and
    # setting it up, for which the password is asked again.
    path("login/code/", account.second_step, name="mfa_authenticate"),
    path("settings/confirm/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("settings/confirm/code/", code.reauthenticate, name="mfa_reauthenticate"),
    path("settings/code/on/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("settings/code/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "settings/recovery-codes/",
        never_cache(recovery.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "settings/recovery-codes/new/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("closed/", login_not_required(errors.closed), name="account_inactive"),
    # allauth asks for these names; nobody signs up or resets a password by mail here.
    path("signup/", login_not_required(errors.no_signup), name="account_signup"),
    path("password/", login_not_required(errors.no_reset), name="account_reset_password"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
