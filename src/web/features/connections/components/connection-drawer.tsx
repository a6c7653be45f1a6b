import {
  Button,
  Code,
  Drawer,
  Group,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useId } from 'react';
import { Controller, type FieldPath, type UseFormReturn, useForm } from 'react-hook-form';
import { useAnnounce } from '../../../components/announcer';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { type Connection, useAskConsent, useSaveConnection } from '../api';
import {
  AUTH_FIELDS,
  AUTH_TYPES,
  type AuthField,
  type AuthType,
  asksConsent,
  type ConnectionForm,
  connectionChangeOf,
  connectionOf,
  connectionProblems,
  consentOf,
  formOf,
} from '../connection-form';

interface ConnectionDrawerProps {
  /** The connection to change; null for a new one. */
  connection: Connection | null;
  isOpen: boolean;
  onClose(): void;
  /** Tells what was saved, before it closes. */
  onSaved?(connection: Connection): void;
}

/** Adds or changes a connection, beside the page that it was asked for on. */
export function ConnectionDrawer({ connection, isOpen, onClose, onSaved }: ConnectionDrawerProps) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="md"
      title={connection ? `Edit ${connection.name}` : 'Add connection'}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form connection={connection} onClose={onClose} {...(onSaved ? { onSaved } : {})} />
    </Drawer>
  );
}

type Field = FieldPath<ConnectionForm>;

function Form({ connection, onClose, onSaved }: Omit<ConnectionDrawerProps, 'isOpen'>) {
  const announce = useAnnounce();
  const save = useSaveConnection(connection?.id ?? null);
  const form = useForm<ConnectionForm>({ defaultValues: formOf(connection) });
  const ask = useAskConsent();
  const kind = form.watch('kind');
  const goesAway = asksConsent(form.watch());

  const submit = form.handleSubmit(async (values) => {
    const problems = connectionProblems(values, connection);
    if (problems.length > 0) return tell(form, problems);
    try {
      if (asksConsent(values)) return await ask.mutateAsync(consentOf(values, connection?.id ?? null));
      const saved = await save.mutateAsync(connection ? connectionChangeOf(values) : connectionOf(values));
      announce(`${saved.name} is saved.`);
      onSaved?.(saved);
      onClose();
    } catch (error) {
      if (error instanceof ApiProblem) tell(form, error.errors);
    }
  });

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <ProblemAlert problem={save.error ?? ask.error} title="The connection could not be saved" />
        {connection === null && <KindChoice form={form} />}
        <FormText
          form={form}
          name="name"
          label="Name"
          description="For example, Marketo EU. Shown in the syncs that use it."
          required
        />
        {kind === 'marketo' ? (
          <MarketoFields form={form} isNew={connection === null} />
        ) : (
          <SalesforceFields form={form} isNew={connection === null} />
        )}
        <FormText
          form={form}
          name="settings.quotaShare"
          label="Share of the daily calls, in per cent"
          description={`The part of the day's calls that Sync may use. ${kind === 'marketo' ? '50' : '80'} if left blank.`}
          inputMode="numeric"
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close without saving
          </Button>
          <Button type="submit" loading={save.isPending || ask.isPending}>
            {goesAway ? 'Sign in at Salesforce' : connection ? 'Save' : 'Add connection'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Shows each problem beside its field, and goes to the first one. */
function tell(form: UseFormReturn<ConnectionForm>, problems: readonly { path: string; message: string }[]): void {
  problems.forEach(({ path, message }, index) => {
    form.setError(path as Field, { message }, { shouldFocus: index === 0 });
  });
}

interface FieldsProps {
  form: UseFormReturn<ConnectionForm>;
  isNew: boolean;
}

const KINDS = [
  { value: 'marketo', label: 'Marketo' },
  { value: 'salesforce', label: 'Salesforce' },
];

function KindChoice({ form }: Pick<FieldsProps, 'form'>) {
  const labelId = useId();
  return (
    <div>
      <Text size="sm" fw={500} id={labelId}>
        System
      </Text>
      <Controller
        control={form.control}
        name="kind"
        render={({ field: { ref, ...field } }) => (
          <SegmentedControl {...field} data={KINDS} fullWidth aria-labelledby={labelId} />
        )}
      />
    </div>
  );
}

const SECRET = (isNew: boolean): string =>
  isNew ? 'Stored encrypted, and never shown again.' : 'Stored already, and never shown. Leave it blank to keep it.';

function MarketoFields({ form, isNew }: FieldsProps) {
  return (
    <>
      <FormText
        form={form}
        name="settings.baseUrl"
        label="Address of the REST API"
        description="Admin > Web Services, such as https://123-ABC-456.mktorest.com"
        inputMode="url"
        required
      />
      <FormText
        form={form}
        name="settings.clientId"
        label="Client Id"
        description="Admin > LaunchPoint > View Details"
        required
      />
      <FormSecret
        form={form}
        name="settings.clientSecret"
        label="Client secret"
        description={SECRET(isNew)}
        required={isNew}
      />
      <FormText
        form={form}
        name="settings.dailyQuota"
        label="Calls per day"
        description="The daily limit of your subscription. 50,000 if left blank."
        inputMode="numeric"
      />
      <FormText
        form={form}
        name="settings.webUrl"
        label="Address of Marketo in the browser"
        description="Used for links to records, for example https://app-ab01.marketo.com. Leave it blank for no links."
        inputMode="url"
      />
    </>
  );
}

const AUTH_WORDS: Record<AuthType, string> = {
  clientCredentials: 'Client credentials (external client app)',
  consent: "In the browser, on Salesforce's own page",
  jwt: 'JWT with a private key',
  refreshToken: 'Refresh token',
  password: 'User name and password',
};

const AUTH_LABELS: Record<AuthField, string> = {
  clientId: 'Consumer key (client Id)',
  clientSecret: 'Consumer secret',
  username: 'User name',
  privateKey: 'Private key (PEM)',
  refreshToken: 'Refresh token',
  password: 'Password',
  securityToken: 'Security token',
};

const SECRETS: readonly AuthField[] = ['clientSecret', 'refreshToken', 'password', 'securityToken'];
const isOptional = (type: AuthType, field: AuthField): boolean =>
  field === 'securityToken' || (['refreshToken', 'consent'].includes(type) && field === 'clientSecret');

function SalesforceFields({ form, isNew }: FieldsProps) {
  const type = form.watch('settings.auth.type');
  return (
    <>
      <FormText
        form={form}
        name="settings.loginUrl"
        label="Sign-in address"
        description="https://login.salesforce.com, https://test.salesforce.com or your domain's own"
        inputMode="url"
        required
      />
      <Controller
        control={form.control}
        name="settings.auth.type"
        render={({ field }) => (
          <Select
            {...field}
            label="Sign-in method"
            data={AUTH_TYPES.map((value) => ({ value, label: AUTH_WORDS[value] }))}
            allowDeselect={false}
          />
        )}
      />
      {type === 'consent' && (
        <Text size="sm">
          Salesforce asks you whether Sync may act for you. The app needs this callback URL:{' '}
          <Code>{`${window.location.origin}/connections/salesforce`}</Code>
        </Text>
      )}
      {AUTH_FIELDS[type].map((field) => {
        const name = `settings.auth.${field}` as const;
        const label = AUTH_LABELS[field];
        const isNeeded = !isOptional(type, field);
        if (field === 'privateKey') return <FormPrivateKey key={field} form={form} isNew={isNew} />;
        if (!SECRETS.includes(field))
          return <FormText key={field} form={form} name={name} label={label} required={isNeeded} />;
        return (
          <FormSecret
            key={field}
            form={form}
            name={name}
            label={label}
            description={SECRET(isNew)}
            required={isNew && isNeeded}
          />
        );
      })}
      <FormText
        form={form}
        name="settings.apiVersion"
        label="API version"
        description="60.0 if left blank."
        inputMode="decimal"
      />
    </>
  );
}

interface FormTextProps {
  form: UseFormReturn<ConnectionForm>;
  name: Exclude<Field, 'settings' | 'settings.auth'>;
  label: string;
  description?: string;
  inputMode?: 'url' | 'numeric' | 'decimal';
  required?: boolean;
}

const errorOf = (form: UseFormReturn<ConnectionForm>, name: Field): string | undefined =>
  form.getFieldState(name, form.formState).error?.message;

function FormText({ form, name, ...shown }: FormTextProps) {
  return <TextInput {...form.register(name)} {...shown} error={errorOf(form, name)} autoComplete="off" />;
}

function FormSecret({ form, name, ...shown }: FormTextProps) {
  return (
    <PasswordInput
      {...form.register(name)}
      {...shown}
      error={errorOf(form, name)}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what is entered' }}
    />
  );
}

function FormPrivateKey({ form, isNew }: FieldsProps) {
  const name = 'settings.auth.privateKey';
  return (
    <Textarea
      {...form.register(name)}
      label={AUTH_LABELS.privateKey}
      description={SECRET(isNew)}
      error={errorOf(form, name)}
      required={isNew}
      rows={5}
      spellCheck={false}
    />
  );
}
