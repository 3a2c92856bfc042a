from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("ready", lambda _: HttpResponse("ok")), path("admin/", admin.site.urls)]
