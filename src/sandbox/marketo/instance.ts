import express from 'express';
import type { InstanceCore, VendorInstance } from '../core';

/** Marketo's behaviour over one instance's state. */
export function createMarketoInstance(_core: InstanceCore): VendorInstance {
  return {
    router: express.Router(),
    credentials: { clientId: 'sandbox', clientSecret: 'sandbox' },
    stop() {},
  };
}
