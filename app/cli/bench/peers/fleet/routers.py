"""Vehicles are in MariaDB, everything that Django keeps for itself is not."""


class Vehicles:
    def db_for_read(self, model, **_):
        return "vehicles" if model._meta.app_label == "fleet" else "default"

    def allow_migrate(self, db, app_label, **_):
        return db == "default" and app_label != "fleet"
