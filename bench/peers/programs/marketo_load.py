"""Loads the leads of a CSV file into Marketo, 300 a call, with marketorestpython, which keeps to five calls a second.

Usage: marketo_load.py FILE: a JSON file that says from where to where.
"""
import csv
import itertools

from marketo_jobs import connect, job_of_arguments

LEADS_A_CALL = 300

job = job_of_arguments()
client = connect(job["target"])
with open(job["input"], newline="", encoding="utf-8") as file:
    rows = csv.DictReader(file)
    while leads := list(itertools.islice(rows, LEADS_A_CALL)):
        client.execute(method="create_update_leads", leads=leads, lookupField="email")
