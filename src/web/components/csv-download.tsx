import { Button, Checkbox, Group } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { apiUrl } from '../lib/api';

interface CsvDownloadProps {
  path: string;
  query: Parameters<typeof apiUrl>[1];
}

/** Downloads records as CSV; some spreadsheets know UTF-8 only by a mark at the beginning, which is remembered. */
export function CsvDownload({ path, query }: CsvDownloadProps) {
  const [isMarked, setIsMarked] = useLocalStorage({ key: 'sync.csv-mark', defaultValue: false });
  return (
    <Group gap="sm">
      <Button
        component="a"
        href={apiUrl(path, { ...query, bom: isMarked ? 'true' : undefined })}
        download
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        Download CSV
      </Button>
      <Checkbox
        label="For Excel (shows accented letters correctly)"
        checked={isMarked}
        onChange={({ currentTarget: { checked } }) => setIsMarked(checked)}
      />
    </Group>
  );
}
