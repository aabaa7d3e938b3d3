"""Python's own json and sqlite3: `version`, `import DB FILE...`, `consumption DB`, `duplicates DB`.

By the advice of the sqlite3 module and of SQLite: executemany over a generator, everything in one
transaction, indexes after the rows.
"""

import csv
import json
import sqlite3
import sys

from questions import CONSUMPTION, DUPLICATES, LOCAL_PART_INDEX


def cells(row, columns):
    for column in columns:
        value = row.get(column)
        yield json.dumps(value) if isinstance(value, (list, dict)) else value


def addresses(users):
    for user in users:
        login = user["github_com_login"]
        if user.get("github_com_saml_name_id"):
            yield login, user["github_com_saml_name_id"].lower(), "saml"
        for address in user.get("github_com_verified_domain_emails") or []:
            yield login, address.lower(), "verified"


def import_cloud(connection, users):
    columns = list(users[0])
    connection.execute(f"CREATE TABLE cloud ({', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO cloud VALUES ({marks})", (tuple(cells(user, columns)) for user in users)
    )
    connection.executemany("INSERT INTO cloud_address VALUES (?, ?, ?)", addresses(users))


def host_of(file):
    name = file.rsplit("/", 1)[-1]
    return name.split("-all_users-")[0]


def csv_rows(file):
    with open(file, encoding="utf-8", newline="") as lines:
        host = host_of(file)
        for row in csv.DictReader(lines):
            suspended = row.pop("suspended?") == "true"
            yield host, int(row.pop("id")), row.pop("login"), row.pop("email"), suspended, json.dumps(row)


def export_rows(export):
    host = export["instance"]["host_name"]
    for user in export["users"]:
        primary = next((it["email"] for it in user["emails"] if it["primary"]), "")
        yield host, user["id"], user["login"], primary, user["suspended"], json.dumps(user)


def import_files(database, files):
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE server (host, id, login, email, suspended, more)")
        connection.execute("CREATE TABLE cloud_address (login, address, kind)")
        for file in files:
            if file.endswith(".csv"):
                rows = csv_rows(file)
            else:
                with open(file, encoding="utf-8") as text:
                    content = json.load(text)
                if "instance" not in content:
                    import_cloud(connection, content["users"])
                    continue
                rows = export_rows(content)
            connection.executemany("INSERT INTO server VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("CREATE INDEX cloud_login ON cloud (github_com_login)")
        connection.execute("CREATE INDEX address ON cloud_address (address)")
        connection.execute(LOCAL_PART_INDEX)
        connection.execute("CREATE INDEX server_email ON server (email)")
    connection.close()


def main():
    job, *rest = sys.argv[1:]
    if job == "version":
        print(f"Python {sys.version.split()[0]}, json and sqlite3 {sqlite3.sqlite_version}")
    elif job == "import":
        import_files(rest[0], rest[1:])
    else:
        question = {"consumption": CONSUMPTION, "duplicates": DUPLICATES}[job]
        for row in sqlite3.connect(rest[0]).execute(question):
            print(*row, sep=",")


main()
