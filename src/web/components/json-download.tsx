import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { apiUrl } from '../lib/api';

interface JsonDownloadProps {
  path: string;
  query: Parameters<typeof apiUrl>[1];
}

/** Downloads records as JSON. */
export const JsonDownload = ({ path, query }: JsonDownloadProps) => (
  <Button
    component="a"
    href={apiUrl(path, query)}
    download
    variant="default"
    leftSection={<IconDownload size={16} aria-hidden />}
  >
    Download JSON
  </Button>
);
