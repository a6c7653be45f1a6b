import { type CaseRun, toContactsBy, useCaseRuns } from '../support/case-runs';
import { salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns({ bulkFrom: 100_000, batchesAtOnce: 1 });
const destination = toContactsBy('Bulk');

const ANN = 'ann@example.com';
const PATCH = { method: 'PATCH', path: '*/composite/sobjects' };
const DELETE = { method: 'DELETE', path: '*/composite/sobjects*' };
const USED_UP = { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 } as const;
const locked = { statusCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access', fields: [] };
const LOCKED = { type: 'respond', status: 200, body: [{ success: false, errors: [locked] }] } as const;
/** How often a record is sent whose row is locked, unless an earlier sending may hold it. */
const MOST_ATTEMPTS = 6;

/** A run that has given its person the first name `First`. */
async function ranOver({ wasThere }: { wasThere: boolean }): Promise<CaseRun> {
  if (wasThere) started().givenContacts([{ Email: ANN, FirstName: 'Before' }]);
  started().givenLeads([{ email: ANN, firstName: 'First', lastName: 'Sample' }]);
  return started().run(await started().leadsToContacts({ destination }));
}
const firstNames = async () =>
  (await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact')).map(({ FirstName }) => FirstName);
const fates = ({ outcomes }: CaseRun) => outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`);

async function arrive(): Promise<void> {
  started().sandbox.clock.advance(20 * 60_000);
  await started().salesforce.lateEffects.settled();
}

test.each([
  { wasThere: false, match: DELETE, left: [], fate: 'updated deleted' },
  { wasThere: true, match: PATCH, left: ['Before'], fate: 'updated restored' },
])(
  'what the first sending of an undo did is told after a cancel, also when its repeat was refused: $fate',
  async ({ wasThere, match, left, fate }) => {
    const run = await ranOver({ wasThere });
    started().salesforce.addFault({ match, nth: 1, action: { type: 'late', afterMs: 60_000 } });
    await expect(started().undo(run)).rejects.toThrow();
    started().salesforce.addFault({ match, nth: 1, action: USED_UP });
    await expect(started().goOnUndoing(run)).rejects.toThrow();
    // and calls are tried again
    await arrive();

    const undone = await started().cancelUndoing(run);

    expect([await firstNames(), fates(undone)]).toEqual([left, [fate]]);
  },
);

test('what the first sending of an undo did is not told as failed since it held the lock', async () => {
  const run = await ranOver({ wasThere: true });
  started().salesforce.addFault({ match: PATCH, nth: 1, action: { type: 'late', afterMs: 240_000 } });
  await expect(started().undo(run)).rejects.toThrow();
  const fault = started().salesforce.addFault({ match: PATCH, action: LOCKED });

  const undoing = started().goOnUndoing(run);
  await started().untilActed(started().salesforce, fault.id, MOST_ATTEMPTS);
  await arrive();
  started().salesforce.faults.remove(fault.id);

  const undone = await undoing;
  expect([await firstNames(), fates(undone)]).toEqual([['Before'], ['updated restored']]);
}, 120_000);
