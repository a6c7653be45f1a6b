import { Badge, Text } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import { fieldTags, typeInWords } from '../lib/field-options';
import classes from './field-option.module.css';

interface FieldOptionProps {
  field: FieldDescription | undefined;
  /** Shown where the field is not known. */
  text?: string;
  /** It is chosen to be written to: then it counts when it can be. */
  isWritten?: boolean;
  /** It is chosen elsewhere already. */
  isTaken?: boolean | undefined;
}

/** A field in a list to choose from: label, API name, type, and what matters of it. */
export function FieldOption({ field, text, isWritten = false, isTaken = false }: FieldOptionProps) {
  if (!field) return <Text size="sm">{text}</Text>;
  return (
    <div className={classes.option}>
      <div className={classes.words}>
        <Text size="sm">{field.label}</Text>
        <Text size="xs" className={classes.more}>
          {field.name} · {typeInWords(field)}
        </Text>
      </div>
      <div className={classes.tags}>
        {[...(isTaken ? ['already mapped'] : []), ...fieldTags(field, isWritten)].map((tag) => (
          <Badge key={tag} variant="default" tt="none" size="sm" miw="max-content">
            {tag}
          </Badge>
        ))}
      </div>
    </div>
  );
}
