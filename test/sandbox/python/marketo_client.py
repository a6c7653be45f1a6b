"""Drives the sandbox with the client marketorestpython as it is; only host and credentials are given.

Usage: marketo_client.py HOST CLIENT_ID CLIENT_SECRET. Prints one JSON object with what the client was answered.
"""
import json
import sys
import tempfile
import time

from marketorestpython.client import MarketoClient

host, client_id, client_secret = sys.argv[1:4]
client = MarketoClient("000-AAA-000", client_id, client_secret)
client.host = host

seen = {}

created = client.execute(
    method="create_update_leads",
    leads=[
        {"email": "py1@example.org", "firstName": "Py", "city": "Graz"},
        {"email": "py2@example.org", "renewalDate": "soon"},
        {"email": "py3@example.org", "firstName": "Three"},
    ],
    lookupField="email",
)
seen["statuses"] = [row["status"] for row in created]

seen["found"] = client.execute(
    method="get_multiple_leads_by_filter_type",
    filterType="email",
    filterValues=["py1@example.org", "py3@example.org"],
    fields=["firstName", "email", "city"],
)
seen["described"] = len(client.execute(method="describe"))
seen["searchable"] = client.execute(method="describe2")[0]["searchableFields"]

job = client.execute(
    method="create_leads_export_job",
    fields=["email", "firstName"],
    filters={"createdAt": {"startAt": sys.argv[4], "endAt": sys.argv[5]}},
)
export_id = job[0]["exportId"]
client.execute(method="enqueue_leads_export_job", job_id=export_id)
while True:
    status = client.execute(method="get_leads_export_job_status", job_id=export_id)[0]
    if status["status"] in ("Completed", "Failed"):
        break
    time.sleep(0.2)
seen["export"] = status["status"]
seen["file"] = client.execute(method="get_leads_export_job_file", job_id=export_id).decode("utf-8")
seen["jobs"] = len(client.execute(method="get_leads_export_jobs_list"))

with tempfile.NamedTemporaryFile("w", suffix=".csv") as upload:
    upload.write("email,firstName,leadScore\nimport@example.org,Im,1\nbad@example.org,Bad,many\n")
    upload.flush()
    batch_id = client.execute(method="import_lead", file=upload.name, format="csv", lookupField="email")[0]["batchId"]
while True:
    status = client.execute(method="get_import_lead_status", id=batch_id)[0]
    if status["status"] in ("Complete", "Failed"):
        break
    time.sleep(0.2)
seen["import"] = status
failures = client.execute(method="get_import_failure_file", id=batch_id)
seen["failures"] = failures if isinstance(failures, str) else failures.text

seen["deleted"] = client.execute(method="delete_lead", id=[row["id"] for row in created if "id" in row])
try:
    client.execute(method="get_lead_by_id", id=99999999)
except Exception as error:  # the client wraps the API's error in a plain one
    seen["error"] = error.args[0]

print(json.dumps(seen))
