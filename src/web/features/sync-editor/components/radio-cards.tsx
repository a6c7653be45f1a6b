import { Radio, SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './radio-cards.module.css';

interface RadioCardsProps<Value extends string> {
  label: string;
  description?: string;
  value: Value | '';
  onChange(value: Value): void;
  choices: readonly { value: Value; label: string; effect: ReactNode }[];
  columns: number;
  error?: string | undefined;
  path: string;
}

/** A choice between a few, each with its effect in a line. */
export function RadioCards<Value extends string>(props: RadioCardsProps<Value>) {
  const { label, description, value, onChange, choices, columns, error, path } = props;
  return (
    <Radio.Group
      label={label}
      description={description}
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
      error={error}
      data-path={path}
    >
      <SimpleGrid cols={{ base: 1, sm: columns }} spacing="sm" mt="xs">
        {choices.map((choice) => (
          <div key={choice.value} className={classes.card} data-checked={choice.value === value || undefined}>
            <Radio
              value={choice.value}
              label={choice.label}
              description={choice.effect}
              classNames={{ inner: classes.button, label: classes.label, description: classes.effect }}
            />
          </div>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
