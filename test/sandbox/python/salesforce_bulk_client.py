"""Drives Bulk API 2.0 of the sandbox with the client simple-salesforce as it is.

Usage: salesforce_bulk_client.py INSTANCE_URL ACCESS_TOKEN. The URL is of https, and its certificate is trusted by
REQUESTS_CA_BUNDLE. Prints one JSON object with what the client was answered.
"""
import csv
import io
import json
import sys

from simple_salesforce import Salesforce

instance_url, access_token = sys.argv[1:3]
client = Salesforce(instance_url=instance_url, session_id=access_token, version="60.0")
contacts = client.bulk2.Contact
PAUSE_SECONDS = 0.2


def rows(text):
    """Cells of a result file by their names."""
    return list(csv.DictReader(io.StringIO(text)))


seen = {}

records = [{"Ext__c": f"py-{number}", "LastName": "Python", "FirstName": f"Nº {number}"} for number in range(500)]
seen["inserted"] = contacts.insert(records=records, wait=PAUSE_SECONDS)

# two jobs, since a batch has two rows at most; the last row has no name
changes = [
    {"Ext__c": "py-0", "LastName": "Python", "Title": 'says "yes", twice'},
    {"Ext__c": "py-500", "LastName": "Python", "Title": "new"},
    {"Ext__c": "py-501", "LastName": "", "Title": "nameless"},
]
seen["upserted"] = contacts.upsert(
    records=changes, external_id_field="Ext__c", batch_size=2, wait=PAUSE_SECONDS
)
first, second = [job["job_id"] for job in seen["upserted"]]
seen["successful"] = sorted(rows(contacts.get_successful_records(first)), key=lambda row: row["Ext__c"])
seen["failed"] = rows(contacts.get_failed_records(second))
seen["unprocessed"] = contacts.get_unprocessed_records(second)

query = "SELECT Id, Ext__c, Title FROM Contact WHERE LastName = 'Python' ORDER BY Ext__c"
pages = [rows(page) for page in contacts.query(query, max_records=200, wait=PAUSE_SECONDS)]
seen["pages"] = [len(page) for page in pages]
found = [row for page in pages for row in page]
seen["first"] = found[0]

seen["deleted"] = contacts.delete(records=[{"Id": row["Id"]} for row in found[:10]], wait=PAUSE_SECONDS)
in_bin = "SELECT Id FROM Contact WHERE IsDeleted = true AND LastName = 'Python'"
seen["in_bin"] = sum(len(rows(page)) for page in contacts.query_all(in_bin, wait=PAUSE_SECONDS))

try:
    contacts.insert(records=[{"LastName": "Python", "Wrong__c": "x"}], wait=PAUSE_SECONDS)
except Exception as error:  # the client wraps the job's message in an exception of its own
    seen["sunk"] = str(error)

print(json.dumps(seen))
