import { Stack, Text, Title } from '@mantine/core';
import { whoInWords } from '../../../../domain/key-of-settings';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { formatTime } from '../../../lib/format';
import { useAllVersions, useSync } from '../../syncs/api';
import { ChangeList } from '../../syncs/components/change-list';
import { DefinitionInWords } from '../../syncs/components/definition-in-words';
import { changesBetween } from '../../syncs/lib/definition-changes';
import { useWording } from '../../syncs/wording';
import type { Execution } from '../api';

/** The definition as an execution ran it, and what has changed of it since. */
export function DefinitionTab({
  execution: { syncId, version },
  timeZone,
}: {
  execution: Execution;
  timeZone?: string | undefined;
}) {
  const { data: sync } = useSync(syncId);
  const { data: versions, error, refetch } = useAllVersions(syncId, true);
  const asRun = versions?.find((each) => each.version === version);
  const present = versions?.find((each) => each.version === sync?.version);
  const wording = useWording([asRun, present]);
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Definition as run
      </Title>
      <ProblemAlert problem={error} title="The definition could not be loaded" onRetry={() => void refetch()} />
      {!versions && !error && <Loading>Loading the definition</Loading>}
      {versions && !asRun && <Text size="sm">Version {version} is not kept any more.</Text>}
      {asRun && (
        <>
          <Text size="sm">
            Version {version}, saved by {whoInWords(asRun.savedBy)} on {formatTime(asRun.savedAt, timeZone)}.
          </Text>
          <AnchorLink
            to="/syncs/$syncId"
            params={{ syncId }}
            hash="versions"
            size="sm"
            underline="always"
            w="fit-content"
          >
            All versions, with what changed
          </AnchorLink>
          <DefinitionInWords definition={asRun.definition} whole={{ scheduleText: asRun.scheduleText }} />
        </>
      )}
      {asRun && present && present !== asRun && (
        <>
          <Title order={3} size="h4">
            Changed since then
          </Title>
          <ChangeList changes={changesBetween(asRun, present, wording)} />
        </>
      )}
    </Stack>
  );
}
