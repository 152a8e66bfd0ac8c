"""Fills new metadata: roles, the one account, and what lies in assets/, which is an export of Superset's own form."""

import secrets
from pathlib import Path

from flask import g
from superset.app import create_app

ASSETS = Path(__file__).parent / "assets"


def main():
    # Superset's own modules can be loaded inside its application only.
    # ruff: noqa: PLC0415
    from superset import db, security_manager
    from superset.commands.database.importers.v1 import utils
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.commands.theme.seed import SeedSystemThemesCommand
    from superset.extensions import appbuilder

    # It would ask Presto and Hive, which are not here, for rights that this account does not need.
    utils.add_permissions = lambda _database: None
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    SeedSystemThemesCommand().run()
    # bin/prepare-superset sets the password at each start.
    g.user = security_manager.add_user(
        "science", "Science", "Student", "science@localhost", security_manager.find_role("Admin"), secrets.token_hex()
    )
    ImportAssetsCommand({str(path.relative_to(ASSETS)): path.read_text() for path in ASSETS.rglob("*.yaml")}).run()
    db.session.commit()
    for table, columns in (("dbs", "password, encrypted_extra, server_cert"), ("ssh_tunnels", "password, private_key")):
        for row in db.session.execute(f"select {columns} from {table}"):
            # It could not be read with another key.
            assert not any(row), f"{table} has a secret"


app = create_app()
with app.app_context(), app.test_request_context():
    main()
