"""Runs airbyte-source-salesforce as it is, but for the sign-in, whose host is fixed: address and token are given.

Usage: airbyte_salesforce.py INSTANCE_URL ACCESS_TOKEN, then the arguments of the source.
"""
import sys
import time

from source_salesforce.api import Salesforce
from source_salesforce.run import run

instance_url, access_token = sys.argv[1:3]
del sys.argv[1:3]


def sign_in(self):
    self.instance_url, self.access_token = instance_url, access_token
    self._last_login_time = time.monotonic()


Salesforce._perform_login = sign_in
run()
