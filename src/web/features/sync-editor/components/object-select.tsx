import { Badge, Select, Text } from '@mantine/core';
import type { ObjectSummary } from '../../../../domain/object-description';
import { byRank } from '../lib/ranked-options';
import classes from './field-option.module.css';

interface ObjectSelectProps {
  label: string;
  description: string;
  use: 'readable' | 'writable';
  objects: readonly ObjectSummary[];
  isLoading: boolean;
  /** A connection is chosen. */
  isReady: boolean;
  value: string;
  onChange(object: string): void;
  error: string | undefined;
  path: string;
}

/** What syncs are made of most often comes first. */
const FREQUENT = ['Lead', 'Contact', 'Account', 'Company', 'Opportunity', 'Campaign'];
const rankOf = ({ name }: ObjectSummary): number => {
  const rank = FREQUENT.indexOf(name);
  return rank < 0 ? FREQUENT.length : rank;
};

/** One of a connection's objects by label or API name; those that cannot be used are shown with the reason. */
export function ObjectSelect(props: ObjectSelectProps) {
  const { objects, use, isLoading, isReady, value, onChange, path, label, description, error } = props;
  const ordered = [...objects].sort(
    (one, other) => rankOf(one) - rankOf(other) || one.label.localeCompare(other.label, 'en'),
  );
  const options = ordered.map((object) => ({
    value: object.name,
    label: object.label === object.name ? object.name : `${object.label} (${object.name})`,
    disabled: !object[use],
  }));
  const isKnown = value === '' || options.some((option) => option.value === value);
  return (
    <Select
      label={label}
      description={description}
      required
      searchable
      filter={byRank}
      disabled={!isReady}
      placeholder={isReady ? (isLoading ? 'Asking for the objects…' : 'Choose an object') : 'Choose a connection first'}
      data={isKnown ? options : [...options, { value, label: value }]}
      renderOption={({ option }) => (
        <ObjectOption object={objects.find(({ name }) => name === option.value)} use={use} />
      )}
      nothingFoundMessage={isLoading ? 'Asking for the objects…' : 'No object matches.'}
      value={value || null}
      onChange={(object) => onChange(object ?? '')}
      error={error}
      data-path={path}
      allowDeselect={false}
    />
  );
}

function ObjectOption({ object, use }: { object: ObjectSummary | undefined; use: 'readable' | 'writable' }) {
  if (!object) return null;
  const reason = use === 'readable' ? 'cannot be read' : 'read only';
  return (
    <div className={classes.option}>
      <div className={classes.words}>
        <Text size="sm">{object.label}</Text>
        {object.label !== object.name && (
          <Text size="xs" className={classes.more}>
            {object.name}
          </Text>
        )}
      </div>
      <div className={classes.tags}>
        {object.name.endsWith('__c') && (
          <Badge variant="default" tt="none" size="sm" miw="max-content">
            custom
          </Badge>
        )}
        {!object[use] && (
          <Badge variant="default" tt="none" size="sm" miw="max-content">
            {reason}
          </Badge>
        )}
      </div>
    </div>
  );
}
