"""The whole site map on one page."""

from __future__ import annotations

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from shipboard.desk import (
    errors,
    filter_panel,
    health,
    order_detail,
    order_list,
    shops,
    uploads,
)

urlpatterns = [
    path("", order_list.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("login/", login_not_required(account.login), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("orders/", order_list.order_list, name="order_list"),
    path("orders/filter/", filter_panel.filter_panel, name="filter_panel"),
    path("orders/<str:order_id>/", order_detail.order_detail, name="order_detail"),
    path("orders/<str:order_id>/reveal/", order_detail.reveal, name="reveal"),
    path("orders/<str:order_id>/release/", order_detail.release, name="release"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("uploads/<int:pk>/rejected.csv", uploads.rejected_file, name="rejected_file"),
    path("shops/", shops.shops, name="shops"),
    path("shops/<slug:slug>/", shops.shop, name="shop"),
    path("shops/<slug:slug>/remove/", shops.remove, name="remove_shop"),
    path("closed/", login_not_required(errors.closed), name="account_inactive"),
    # allauth asks for these names; nobody signs up or resets a password by mail here.
    path("signup/", login_not_required(errors.no_signup), name="account_signup"),
    path("password/", login_not_required(errors.no_reset), name="account_reset_password"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
