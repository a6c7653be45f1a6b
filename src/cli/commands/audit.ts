import type { Command } from 'commander';
import { auditVerificationAnswer } from '../../api/schemas/administration';
import type { Context } from '../context';
import { tableText } from '../print';
import { EXIT } from '../world';

/** `audit verify`. */
export function addAuditCommands(program: Command, context: Context): void {
  program
    .command('audit')
    .description('who did what')
    .command('verify')
    .description('tell whether an entry of the audit was changed or removed')
    .option('--noted <position:hash>', 'the end of the chain as an earlier verification gave it')
    .action(({ noted }: { noted?: string }) => verify(context, noted));
}

async function verify(context: Context, noted: string | undefined): Promise<void> {
  const client = await context.client();
  const found = await client.get('/audit/verification', auditVerificationAnswer, { noted });
  if (!found.isWhole) context.exitCode = EXIT.problem;
  context.print.data(found, () => {
    const { begunAt, earlierEntries, end, faults } = found;
    const facts = tableText(
      [],
      [
        ['Whole', found.isWhole ? 'yes' : 'no'],
        ['Chained since', begunAt],
        ['Entries before', earlierEntries],
        ['Entries chained', end.position],
        ['End, to be noted elsewhere', `${end.position}:${end.hash}`],
      ],
    );
    if (faults.length === 0) return facts;
    const rows = faults.map(({ problem, position, entry }) => [problem, position, entry]);
    return `${facts}\n\n${tableText(['PROBLEM', 'POSITION', 'ENTRY'], rows)}`;
  });
}
