import { once } from 'node:events';
import { setStop } from '../../db/queries/executions';
import { AT, useCaseRuns } from '../support/case-runs';

const started = useCaseRuns();

test('a cancel that comes just before the first page is read stops the phase, and leaves no error that nobody meets', async () => {
  started().givenLeads([{ email: 'ann.sample@example.com', lastName: 'Sample' }]);
  const { runs } = started();
  const { connector } = runs.connectionOf(AT.marketo);
  const planRead = connector.planRead.bind(connector);
  const cancelled = jest.spyOn(connector, 'planRead').mockImplementation(async (request, signal) => {
    const parts = await planRead(request, signal);
    const [running] = await runs.database.sql<{ execution_id: string }[]>`
      select execution_id from executions where state = 'running'`;
    await setStop(runs.database.sql, running?.execution_id ?? '', 'cancel');
    await once(signal, 'abort');
    return parts;
  });

  const run = runs.run(await started().leadsToContacts());

  // an error that nobody meets would end the worker, and fails this test
  await expect(run).rejects.toThrow('A phase is not through: {"stopped":true,"wish":"cancel"}');
  cancelled.mockRestore();
});
