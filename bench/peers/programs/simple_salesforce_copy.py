"""Copies all contacts from one org to another by Bulk API 2.0, with simple-salesforce and its defaults.

Usage: simple_salesforce_copy.py FILE: a JSON file that says from where to where.
"""
import csv
import io
import json
import sys

from simple_salesforce import Salesforce

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)


def connect(org):
    return Salesforce(instance_url=org["tlsUrl"], session_id=org["token"], version="60.0")


source, target = connect(job["source"]), connect(job["target"])
for page in source.bulk2.Contact.query(f"SELECT {', '.join(job['fields'])} FROM Contact"):
    target.bulk2.Contact.insert(records=list(csv.DictReader(io.StringIO(page, newline=""))))
