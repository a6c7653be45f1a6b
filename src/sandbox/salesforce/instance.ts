import express from 'express';
import type { InstanceCore, VendorInstance } from '../core';

/** Salesforce's behaviour over one instance's state. */
export function createSalesforceInstance(_core: InstanceCore): VendorInstance {
  return {
    router: express.Router(),
    credentials: { clientId: 'sandbox', clientSecret: 'sandbox', username: 'sandbox@example.com', password: 'sandbox' },
    stop() {},
  };
}
