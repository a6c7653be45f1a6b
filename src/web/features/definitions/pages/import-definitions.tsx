import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useMay } from '../../session/api';
import { useApplyFile, useCheckFile } from '../api';
import { FileProblems } from '../components/file-problems';
import { FileText, isShown, showLine } from '../components/file-text';
import { PlanList } from '../components/plan';
import { type CheckedFile, whyNotApply } from '../lib/checked-file';

/** Takes connections and syncs from a file: first what is wrong and what would change, then that is done. */
export default function ImportDefinitionsPage() {
  const [text, setText] = useState('');
  const check = useCheckFile();
  const apply = useApplyFile();
  const field = useRef<HTMLTextAreaElement>(null);
  // what was found of another text counts for nothing
  const checked = check.data?.text === text ? check.data : null;
  const applied = apply.variables === text ? apply.data : undefined;
  const onText = (next: string) => {
    setText(next);
    apply.reset();
  };
  const onFile = (next: string) => {
    onText(next);
    check.mutate(next);
  };
  const isBlank = text.trim() === '';
  return (
    <Stack>
      <AnchorLink to="/" size="sm" w="fit-content">
        All syncs
      </AnchorLink>
      <PageHeading>Import definitions</PageHeading>
      <Text>
        A file has connections and syncs as they are exported. First you see what is wrong in it and what it would
        change; nothing is written before you apply it.
      </Text>
      <FileText text={text} onText={onText} onFile={onFile} field={field} />
      <Group>
        <Button
          variant={checked ? 'default' : 'filled'}
          loading={check.isPending}
          aria-disabled={isBlank || undefined}
          data-disabled={isBlank || undefined}
          onClick={() => isBlank || check.mutate(text)}
        >
          Check
        </Button>
        {isBlank && <Text size="sm">Choose a file, or paste one.</Text>}
      </Group>
      {check.isPending && <Loading afterLong="Still asking the systems for their fields.">Checking the file</Loading>}
      <ProblemAlert problem={check.error} title="The file could not be checked" onRetry={() => check.mutate(text)} />
      {applied && <PlanList plan={applied} isDone />}
      {checked && !applied && !check.isPending && (
        <Found
          checked={checked}
          onLine={isShown(text) ? (line) => field.current && showLine(field.current, line) : undefined}
        >
          <Apply checked={checked} apply={apply} />
        </Found>
      )}
    </Stack>
  );
}

interface FoundProps {
  checked: CheckedFile;
  onLine: ((line: number) => void) | undefined;
  children: ReactNode;
}

function Found({ checked: { text, plan, blocking, open, notChecked }, onLine, children }: FoundProps) {
  const shared = { lines: text.split('\n'), onLine };
  return (
    <>
      <FileProblems title="Problems to fix" problems={blocking} {...shared}>
        Nothing of the file is applied until this is mended.
      </FileProblems>
      <FileProblems title="Still missing" problems={open} {...shared}>
        The file can be applied; these syncs cannot be activated before.
      </FileProblems>
      <FileProblems title="Not looked at yet" problems={notChecked} {...shared}>
        That follows once their connections are there.
      </FileProblems>
      {plan && <PlanList plan={plan} isDone={false} />}
      {children}
    </>
  );
}

function Apply({ checked, apply }: { checked: CheckedFile; apply: ReturnType<typeof useApplyFile> }) {
  const announce = useAnnounce();
  const reason = whyNotApply(checked, { operate: useMay('operator'), administer: useMay('admin') });
  const go = () => apply.mutate(checked.text, { onSuccess: () => announce('The file is applied.') });
  return (
    <>
      <ProblemAlert problem={apply.error} title="The file could not be applied; nothing was changed" />
      <Group>
        <Button
          loading={apply.isPending}
          aria-disabled={reason !== null || undefined}
          data-disabled={reason !== null || undefined}
          aria-describedby="why-not-apply"
          onClick={() => reason === null && go()}
        >
          Apply
        </Button>
        <Text size="sm" id="why-not-apply">
          {reason ?? 'All of it at once, or nothing where something is refused.'}
        </Text>
      </Group>
    </>
  );
}
