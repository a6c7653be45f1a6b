"""What the scripts over marketorestpython have in common: signing in, and extracting leads window by window."""
import json
import sys
import time

from marketorestpython.client import MarketoClient

# the vendor tells a job's state once a minute; the sandbox at once
PAUSE_SECONDS = 1


def job_of_arguments():
    """The JSON file that the first argument names: from where to where."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def connect(instance):
    client = MarketoClient("000-AAA-000", "sandbox", "sandbox")
    client.host = instance["url"]
    return client


def extract(client, fields, windows):
    """The files of all windows, as the vendor sends them, one after the other."""
    jobs = [
        client.execute(method="create_leads_export_job", fields=fields, filters={"createdAt": window})[0]["exportId"]
        for window in windows
    ]
    for job_id in jobs:
        client.execute(method="enqueue_leads_export_job", job_id=job_id)
    for job_id in jobs:
        while client.execute(method="get_leads_export_job_status", job_id=job_id)[0]["status"] != "Completed":
            time.sleep(PAUSE_SECONDS)
        yield client.execute(method="get_leads_export_job_file", job_id=job_id)
