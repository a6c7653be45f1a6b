import { Button, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { whoInWords } from '../../../../domain/key-of-settings';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { formatNumber, formatTime } from '../../../lib/format';
import { useMay } from '../../session/api';
import { type Sync, useVersions, type Version } from '../api';
import { changesBetween } from '../lib/definition-changes';
import { savesInWords, sittings } from '../lib/sittings';
import { useWording } from '../wording';
import { ChangeList } from './change-list';
import { DetailSection } from './detail-section';
import { UseVersionAgain } from './use-version-again';
import classes from './versions.module.css';

/** How the definition of a sync has come about: its versions, and what each changed. They are loaded when somebody asks. */
export function Versions({ sync }: { sync: Sync }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <DetailSection id="versions" title="Versions">
      {sync.version === 1 ? (
        <Text size="sm">The definition was saved once, and has not changed since.</Text>
      ) : (
        <>
          <Text size="sm">
            The definition was saved {formatNumber(sync.version)} times, and each save is a version. A draft is saved by
            itself while it is edited, so saves that were steps of one change are shown as one.
          </Text>
          <Button variant="default" w="fit-content" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? 'Hide the changes' : 'Show what changed'}
          </Button>
        </>
      )}
      {isOpen && sync.version > 1 && <VersionList sync={sync} />}
    </DetailSection>
  );
}

function VersionList({ sync }: { sync: Sync }) {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useVersions(
    sync.id,
    sync.version,
  );
  const versions = data?.pages.flatMap(({ items }) => items) ?? [];
  const pieces = sittings(versions);
  if (isPending) return <Loading>Loading the versions</Loading>;
  return (
    <>
      <ProblemAlert problem={error} title="The versions could not be loaded" onRetry={() => void refetch()} />
      <ol className={classes.list}>
        {pieces.map(({ last, first }, index) => {
          const before = pieces[index + 1]?.last;
          // the last one of a page waits for the one that it is compared with
          if (!before && hasNextPage) return null;
          return <VersionItem key={last.version} version={last} first={first} before={before} sync={sync} />;
        })}
      </ol>
      {hasNextPage && (
        <Button variant="default" onClick={() => void fetchNextPage()} loading={isFetchingNextPage} w="fit-content">
          Show earlier versions
        </Button>
      )}
    </>
  );
}

interface VersionItemProps {
  version: Version;
  /** The first version of the same piece of work. */
  first: Version;
  before: Version | undefined;
  sync: Sync;
}

function VersionItem({ version, first, before, sync }: VersionItemProps) {
  const wording = useWording([before, version]);
  const changes = before && changesBetween(before, version, wording);
  const mayEdit = useMay('operator');
  return (
    <li>
      <div className={classes.head}>
        <Title order={3} size="h5">
          {formatTime(version.savedAt, sync.schedule?.timeZone)}
        </Title>
        <Text size="xs">
          {savesInWords(first.version, version.version)} by {whoInWords(version.savedBy)}
        </Text>
        {mayEdit && version.version < sync.version && <UseVersionAgain sync={sync} version={version} />}
      </div>
      {!changes && <Text size="sm">The definition as it was first saved.</Text>}
      {changes && <ChangeList changes={changes} />}
    </li>
  );
}
