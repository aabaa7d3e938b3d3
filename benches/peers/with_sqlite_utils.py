"""sqlite-utils: `version`, `import DB FILE...`, `consumption DB`, `duplicates DB`.

By its own advice for many rows: insert_all with a generator, column types found by the tool itself
(lists become JSON text), indexes after the rows, and the journal in WAL mode.
"""

import csv
import json
import sys
from importlib.metadata import version

import sqlite_utils

from questions import CONSUMPTION, DUPLICATES, LOCAL_PART_INDEX


def addresses(users):
    for user in users:
        login = user["github_com_login"]
        if user.get("github_com_saml_name_id"):
            address = user["github_com_saml_name_id"].lower()
            yield {"login": login, "address": address, "kind": "saml"}
        for address in user.get("github_com_verified_domain_emails") or []:
            yield {"login": login, "address": address.lower(), "kind": "verified"}


def csv_rows(file):
    host = file.rsplit("/", 1)[-1].split("-all_users-")[0]
    with open(file, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            taken = {
                "host": host,
                "id": int(row.pop("id")),
                "login": row.pop("login"),
                "email": row.pop("email"),
                "suspended": row.pop("suspended?") == "true",
            }
            yield taken | {"more": row}


def export_rows(export):
    host = export["instance"]["host_name"]
    for user in export["users"]:
        primary = next((it["email"] for it in user["emails"] if it["primary"]), "")
        taken = {"host": host, "id": user["id"], "login": user["login"], "email": primary}
        yield taken | {"suspended": user["suspended"], "more": user}


def import_files(database, files):
    db = sqlite_utils.Database(database)
    db.enable_wal()
    for file in files:
        if file.endswith(".csv"):
            db["server"].insert_all(csv_rows(file), batch_size=10_000)
            continue
        with open(file, encoding="utf-8") as text:
            content = json.load(text)
        if "instance" in content:
            db["server"].insert_all(export_rows(content), batch_size=10_000)
        else:
            db["cloud"].insert_all(content["users"], batch_size=10_000)
            db["cloud_address"].insert_all(addresses(content["users"]), batch_size=10_000)
    db["cloud"].create_index(["github_com_login"])
    db["cloud_address"].create_index(["address"])
    db.execute(LOCAL_PART_INDEX)
    db["server"].create_index(["email"])
    db.close()


def main():
    job, *rest = sys.argv[1:]
    if job == "version":
        print("sqlite-utils", version("sqlite-utils"))
    elif job == "import":
        import_files(rest[0], rest[1:])
    else:
        question = {"consumption": CONSUMPTION, "duplicates": DUPLICATES}[job]
        for row in sqlite_utils.Database(rest[0]).execute(question):
            print(*row, sep=",")


main()
