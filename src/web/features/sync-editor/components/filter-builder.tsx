import { ActionIcon, Button, Text } from '@mantine/core';
import { QueryBuilderDnD } from '@react-querybuilder/dnd';
import { MantineNotToggle, MantineValueSelector } from '@react-querybuilder/mantine';
import { IconFilterPlus, IconFolderPlus, IconTrash } from '@tabler/icons-react';
import { type ComponentProps, createContext, type ReactNode, useContext, useMemo } from 'react';
import * as ReactDnd from 'react-dnd';
import * as Html5Backend from 'react-dnd-html5-backend';
import {
  type ActionProps,
  type FieldSelectorProps,
  QueryBuilder,
  type RuleGroupType,
  type ValueEditorProps,
} from 'react-querybuilder';
import type { FieldDescription } from '../../../../domain/object-description';
import { operatorsOf, valueOfShape, valueShapeOf, withFittingValues } from '../lib/filter-operators';
import { type FilterGroup, placeOfProblem } from '../lib/filter-query';
import { newKey } from '../lib/suggested-rows';
import { useEditor } from '../state/editor-context';
import { useLineKeys } from '../state/use-line-keys';
import type { Touched } from '../state/use-touched';
import { FieldSelect } from './field-select';
import './filter-builder.css';
import { DragHandle, MoveButtons } from './filter-moves';
import { FilterValue } from './filter-value';

/** What the controls of the query builder need besides what it hands them. */
interface FilterContext {
  fields: readonly FieldDescription[];
  /** By the id of a line or group. */
  messages: ReadonlyMap<string, string>;
  touched: Pick<Touched, 'has'>;
}
const Context = createContext<FilterContext>({ fields: [], messages: new Map(), touched: new Set() });

/** What a condition says to be wrong with it. */
function useLineMessage({ id, field }: { id?: string | undefined; field: string }): string | undefined {
  const { messages, touched } = useContext(Context);
  return id && touched.has({ id, field }) ? messages.get(id) : undefined;
}

interface FilterBuilderProps {
  query: FilterGroup;
  touched: Touched;
  /** It was just begun. */
  takesFocus: boolean;
}

/** Nested groups of conditions: column, operator and value. */
export function FilterBuilder({ query, touched, takesFocus }: FilterBuilderProps) {
  const { change, source, asDraft, problems, told } = useEditor();
  const fields = useMemo(() => source.object?.fields ?? [], [source.object]);
  const messages = useMemo(() => {
    const { unfinished, places } = asDraft.filter;
    const open = unfinished.flatMap(({ id, message }) => (id ? [[id, message] as const] : []));
    // what is unfinished has no place in the definition yet: its own line tells it, not the group around it
    const isOpen = (path: string, text: string) =>
      unfinished.some(({ path: place, message }) => place === path && message === text);
    const wrong = [...problems, ...told].flatMap(({ path, message }) => {
      const isOurs = /^filter\b/.test(path) && !isOpen(path, message);
      const id = isOurs ? placeOfProblem(path, places) : undefined;
      return id ? [[id, message] as const] : [];
    });
    return new Map([...wrong, ...open]);
  }, [asDraft, problems, told]);
  const options = useMemo(() => fields.map(({ name, label }) => ({ name, value: name, label })), [fields]);
  const shared = useMemo(() => ({ fields, messages, touched }), [fields, messages, touched]);
  const setQuery = (next: FilterGroup) => change({ filter: next.rules.length === 0 ? null : next });
  const first = takesFocus ? (query.rules[0]?.id ?? null) : null;
  const { frame, focusNext, onKeyDown, onAltKey } = useLineKeys(query, setQuery, first);
  return (
    <Context value={shared}>
      <fieldset
        ref={frame}
        data-path="filter"
        className="filter-builder"
        aria-label="Filter"
        onKeyDown={onKeyDown}
        onKeyDownCapture={onAltKey}
        onBlur={touched.onBlur}
      >
        <QueryBuilderDnD dnd={DRAG_AND_DROP}>
          <QueryBuilder
            fields={options}
            query={query as RuleGroupType}
            onQueryChange={(next) => setQuery(withFittingValues(next as FilterGroup))}
            onAddRule={(rule) => {
              focusNext(rule.id);
              return rule;
            }}
            getOperators={(name) => {
              const field = fields.find((candidate) => candidate.name === name);
              return field ? operatorsOf(field) : [{ name: 'equals', label: 'is' }];
            }}
            combinators={COMBINATORS}
            idGenerator={newKey}
            autoSelectField={false}
            addRuleToNewGroups
            showNotToggle
            showShiftActions
            listsAsArrays
            resetOnFieldChange
            resetOnOperatorChange={false}
            translations={TRANSLATIONS}
            controlClassnames={{ queryBuilder: 'queryBuilder-branches' }}
            getRuleClassname={({ id, field }) => ({
              unfinished: id !== undefined && messages.has(id),
              wrong: id !== undefined && messages.has(id) && touched.has({ id, field }),
            })}
            getRuleGroupClassname={({ id }) => (id && messages.has(id) ? 'unfinished wrong' : '')}
            controlElements={CONTROLS}
          />
        </QueryBuilderDnD>
      </fieldset>
      <Text size="xs" c="dimmed" visibleFrom="sm">
        Move conditions and groups by dragging, with their arrows, or with Alt and ↑ or ↓, also into and out of groups.
        Enter adds a condition below, Backspace removes an empty one.
      </Text>
    </Context>
  );
}

const DRAG_AND_DROP = { ...ReactDnd, ...Html5Backend };

const COMBINATORS = [
  { name: 'and', value: 'and', label: 'all of these hold' },
  { name: 'or', value: 'or', label: 'any of these holds' },
];

const TRANSLATIONS = {
  fields: { title: 'Column', placeholderName: '', placeholderLabel: 'Column' },
  operators: { title: 'Operator' },
  value: { title: 'Value' },
  addRule: { label: 'Add Filter', title: 'Add Filter' },
  addGroup: { label: 'Add group', title: 'Add group' },
  removeRule: { label: 'Remove', title: 'Remove condition' },
  removeGroup: { label: 'Remove', title: 'Remove group' },
  combinators: { title: 'How the conditions are joined' },
  dragHandle: { title: 'Drag to another place' },
  notToggle: { label: 'Exclude what matches', title: 'Selects the records that do not match the group' },
} as const;

function ColumnSelect({ value, handleOnChange, rule }: FieldSelectorProps) {
  const { fields } = useContext(Context);
  // the value, where a message stands otherwise, is asked for once there is a column
  const told = useLineMessage(rule);
  const message = value ? undefined : told;
  return (
    <FieldSelect
      aria-label="Column"
      placeholder="Column"
      fields={fields}
      value={value ?? ''}
      onChange={handleOnChange}
      error={message}
      className="filter-column"
    />
  );
}

function ConditionValue({ rule, field, operator, value, handleOnChange }: ValueEditorProps) {
  const { fields } = useContext(Context);
  const described = fields.find(({ name }) => name === field);
  const message = useLineMessage(rule);
  return (
    <div className="filter-value">
      {described && (
        <FilterValue
          field={described}
          shape={valueShapeOf(operator)}
          value={valueOfShape(value, valueShapeOf(operator))}
          onChange={handleOnChange}
          isWrong={message !== undefined}
        />
      )}
      {described && message && (
        <Text size="sm" c="var(--mantine-color-error)">
          {message}
        </Text>
      )}
    </div>
  );
}

const JoinSelect = (props: ComponentProps<typeof MantineValueSelector>) => (
  <MantineValueSelector {...props} aria-label="How the conditions are joined" />
);

const OperatorSelect = (props: ComponentProps<typeof MantineValueSelector>) => (
  <MantineValueSelector {...props} aria-label="Operator" />
);

/** Adds a condition or a group to a group. */
function Add({ handleOnClick, label, level, icon }: ActionProps & { icon: ReactNode }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={icon}
      onClick={(event) => handleOnClick(event)}
      aria-label={level > 0 ? `${String(label)} to this group` : undefined}
    >
      {label}
    </Button>
  );
}

const AddCondition = (props: ActionProps) => <Add {...props} icon={<IconFilterPlus size={14} aria-hidden />} />;

/** The last button of a group's head; what is wrong with the group stands after it. */
function AddGroup(props: ActionProps) {
  const { messages } = useContext(Context);
  const { id } = props.ruleOrGroup;
  const message = id ? messages.get(id) : undefined;
  return (
    <>
      <Add {...props} icon={<IconFolderPlus size={14} aria-hidden />} />
      {message && (
        <Text size="sm" c="var(--mantine-color-error)">
          {message}
        </Text>
      )}
    </>
  );
}

const Remove = ({ handleOnClick, title }: ActionProps) => (
  <ActionIcon variant="subtle" color="gray" aria-label={title ?? 'Remove'} onClick={(event) => handleOnClick(event)}>
    <IconTrash size={18} aria-hidden />
  </ActionIcon>
);

const CONTROLS = {
  addRuleAction: AddCondition,
  addGroupAction: AddGroup,
  shiftActions: MoveButtons,
  dragHandle: DragHandle,
  removeRuleAction: Remove,
  removeGroupAction: Remove,
  notToggle: MantineNotToggle,
  combinatorSelector: JoinSelect,
  operatorSelector: OperatorSelect,
  fieldSelector: ColumnSelect,
  valueEditor: ConditionValue,
};
