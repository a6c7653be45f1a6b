"""Drives the REST API of the sandbox with the client simple-salesforce as it is.

Usage: salesforce_rest_client.py INSTANCE_URL ACCESS_TOKEN. The URL is of https, and its certificate is trusted by
REQUESTS_CA_BUNDLE. Prints one JSON object with what the client was answered.
"""
import json
import sys

from simple_salesforce import Salesforce, SFType
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.format import format_soql

instance_url, access_token = sys.argv[1:3]
client = Salesforce(instance_url=instance_url, session_id=access_token, version="60.0")
seen = {}


def refusal(call):
    """Class, status and code of what a call is refused with; where several records match there are addresses instead."""
    try:
        call()
    except SalesforceError as error:
        first = error.content[0]
        return [type(error).__name__, error.status, first["errorCode"] if isinstance(first, dict) else first]
    return None


seen["objects"] = len(client.describe()["sobjects"])
seen["fields"] = [field["name"] for field in client.Contact.describe()["fields"]][:3]
seen["described"] = client.Contact.metadata()["objectDescribe"]["keyPrefix"]
seen["limits"] = sorted(client.limits()["DailyApiRequests"])
seen["usage"] = sorted(client.api_usage)

made = client.Contact.create({"LastName": "O'Hara", "FirstName": "Żoë", "Email": "Py@Acme.test"})
seen["created"] = made
seen["read"] = {name: client.Contact.get(made["id"])[name] for name in ("LastName", "FirstName", "Email", "Title")}
seen["updated"] = client.Contact.update(made["id"], {"Title": "Chief", "Birthdate": None})
seen["upserted"] = [
    client.Contact.upsert("Ext__c/py-1", {"LastName": "Upserted"}),
    client.Contact.upsert("Ext__c/py-1", {"LastName": "Upserted", "Title": "again"}),
]
seen["by_key"] = client.Contact.get_by_custom_id("Ext__c", "py-1")["Title"]

found = client.query(format_soql("SELECT Id, Title FROM Contact WHERE LastName = {}", "O'Hara"))
seen["query"] = [found["totalSize"], found["done"], found["records"][0]["Title"]]
many = "SELECT Id, LastName FROM Lead WHERE Company = 'Many' ORDER BY LastName"
first = client.query(many)
second = client.query_more(first["nextRecordsUrl"], True)
seen["pages"] = [len(first["records"]), first["done"], len(second["records"]), second["done"]]
everything = client.query_all(many)
seen["query_all"] = [everything["totalSize"], len(everything["records"]), everything["records"][-1]["LastName"]]
seen["query_all_iter"] = sum(1 for _ in client.query_all_iter(many))

seen["deleted"] = client.Contact.delete(made["id"])
with_deleted = client.query("SELECT Id FROM Contact WHERE IsDeleted = true", include_deleted=True)
seen["in_bin"] = [record["Id"] == made["id"] for record in with_deleted["records"]]

seen["refusals"] = [
    refusal(lambda: client.Contact.create({"FirstName": "nameless"})),
    refusal(lambda: client.Contact.get(made["id"])),
    refusal(lambda: client.Nothing.describe()),
    refusal(lambda: client.query("SELECT Nope FROM Contact")),
    refusal(lambda: client.Contact.get_by_custom_id("Email", "two@acme.test")),
    refusal(lambda: SFType("Contact", "nonsense", instance_url.removeprefix("https://"), "60.0").describe()),
]

composite = client.restful("composite", method="POST", json={
    "compositeRequest": [{"method": "GET", "url": "/services/data/v60.0/query?q=SELECT+COUNT()+FROM+Lead", "referenceId": "n"}]
})
seen["composite"] = composite["compositeResponse"][0]["httpStatusCode"]
print(json.dumps(seen))
