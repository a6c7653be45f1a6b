"""Extracts all leads into a CSV file, with marketorestpython.

Usage: marketo_extract.py FILE: a JSON file that says from where to where.
"""
from marketo_jobs import connect, extract, job_of_arguments

job = job_of_arguments()
with open(job["output"], "wb") as output:
    for number, content in enumerate(extract(connect(job["source"]), job["fields"], job["windows"])):
        header, rows = content.split(b"\n", 1)
        output.write(content if number == 0 else rows)
