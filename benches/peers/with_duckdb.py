"""DuckDB: `version`, `import DB FILE...`, `consumption DB`, `duplicates DB`.

By its own advice for bulk loading: CREATE TABLE AS over its readers, no INSERT in a loop, no index
and no key, and insertion order not preserved. A report is one JSON object, so the greatest object
must be as large as the file.
"""

import os
import sys

import duckdb

from questions import CONSUMPTION, DUPLICATES


def users(connection, file):
    size = os.path.getsize(file) + 1024
    return f"read_json('{quoted(file)}', format = 'unstructured', maximum_object_size = {size})"


def quoted(text):
    return text.replace("'", "''")


def import_files(database, files):
    connection = duckdb.connect(database)
    connection.execute("SET preserve_insertion_order = false")
    servers = []
    for file in files:
        name = file.rsplit("/", 1)[-1]
        if file.endswith(".csv"):
            host = name.split("-all_users-")[0]
            servers.append(
                f"""SELECT '{quoted(host)}' AS host, id::BIGINT AS id, login,
                    coalesce(email, '') AS email, "suspended?"::BOOLEAN AS suspended,
                    to_json(row)::VARCHAR AS more
                FROM read_csv('{quoted(file)}', header = true, all_varchar = true) AS row"""
            )
        elif "-license-usage-" in name:
            servers.append(
                f"""SELECT host, user.id::BIGINT, user.login,
                    coalesce(list_filter(user.emails, lambda it: it.primary)[1].email, ''),
                    user.suspended, to_json(user)::VARCHAR
                FROM (SELECT instance.host_name AS host, unnest(users) AS user
                    FROM {users(connection, file)})"""
            )
        else:
            connection.execute(
                f"""CREATE TABLE cloud AS SELECT unnest(user)
                FROM (SELECT unnest(users) AS user FROM {users(connection, file)})"""
            )
    connection.execute(f"CREATE TABLE server AS {' UNION ALL '.join(servers)}")
    connection.execute(
        """CREATE TABLE cloud_address AS
        SELECT github_com_login AS login, lower(github_com_saml_name_id) AS address, 'saml' AS kind
        FROM cloud WHERE github_com_saml_name_id <> ''
        UNION ALL
        SELECT github_com_login, lower(unnest(github_com_verified_domain_emails)), 'verified'
        FROM cloud"""
    )
    connection.close()


def main():
    job, *rest = sys.argv[1:]
    if job == "version":
        print("DuckDB", duckdb.__version__)
    elif job == "import":
        import_files(rest[0], rest[1:])
    else:
        question = {"consumption": CONSUMPTION, "duplicates": DUPLICATES}[job]
        connection = duckdb.connect(rest[0], read_only=True)
        for row in connection.execute(question).fetchall():
            print(*row, sep=",")


main()
