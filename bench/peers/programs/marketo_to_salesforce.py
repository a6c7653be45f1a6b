"""Copies all leads to contacts, with marketorestpython and simple-salesforce and their defaults.

Usage: marketo_to_salesforce.py FILE: a JSON file that says from where to where, and under which names.
"""
import csv
import io

from marketo_jobs import connect, extract, job_of_arguments
from simple_salesforce import Salesforce

job = job_of_arguments()
target = Salesforce(instance_url=job["target"]["tlsUrl"], session_id=job["target"]["token"], version="60.0")
names = dict(zip(job["fields"], job["targetFields"]))


def contact_of(lead):
    """Marketo writes a blank as the text null."""
    return {names[name]: "" if value == "null" else value for name, value in lead.items()}


for content in extract(connect(job["source"]), job["fields"], job["windows"]):
    leads = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    target.bulk2.Contact.insert(records=[contact_of(lead) for lead in leads])
