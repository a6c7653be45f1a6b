import type { Field } from './field';
import type { Org } from './org';
import type { ObjectSchema } from './org-schema';
import { soapTypeOf } from './value-parsing';

/** The record type that every object has (REST guide, "sObject Describe"). */
const MASTER_RECORD_TYPE = '012000000000000AAA';

/** What global describe and describe of one object have in common. */
export function objectSummary(object: ObjectSchema, versionPath: string): Record<string, unknown> {
  const { definition } = object;
  const base = `${versionPath}/sobjects/${object.name}`;
  const can = (operation: Parameters<ObjectSchema['can']>[0]): boolean => object.can(operation);
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: can('create'),
    custom: object.custom,
    customSetting: false,
    deepCloneable: false,
    deletable: can('delete'),
    deprecatedAndHidden: false,
    feedEnabled: definition.owners.length > 0,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: can('update'),
    mergeable: can('merge'),
    mruEnabled: definition.owners.length > 0,
    name: object.name,
    queryable: can('query'),
    replicateable: can('replicate'),
    retrieveable: true,
    searchable: can('search'),
    triggerable: can('update'),
    undeletable: can('undelete'),
    updateable: can('update'),
    urls: {
      compactLayouts: `${base}/describe/compactLayouts`,
      rowTemplate: `${base}/{ID}`,
      approvalLayouts: `${base}/describe/approvalLayouts`,
      describe: `${base}/describe`,
      quickActions: `${base}/quickActions`,
      layouts: `${base}/describe/layouts`,
      sobject: base,
    },
  };
}

/** Everything about one object (REST guide, "sObject Describe"). */
export function describeObject(org: Org, object: ObjectSchema, versionPath: string): Record<string, unknown> {
  const summary = objectSummary(object, versionPath);
  const base = `${versionPath}/sobjects/${object.name}`;
  return {
    actionOverrides: [],
    ...summary,
    childRelationships: childRelationships(org, object),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypes(org, object, base),
    searchLayoutable: object.can('search'),
    sobjectDescribeOption: 'FULL',
    supportedScopes: [
      { label: `All ${object.labelPlural.toLowerCase()}`, name: 'everything' },
      { label: `My ${object.labelPlural.toLowerCase()}`, name: 'mine' },
    ],
    urls: {
      ...(summary.urls as object),
      uiDetailTemplate: `${org.core.url}/{ID}`,
      uiEditTemplate: `${org.core.url}/{ID}/e`,
    },
  };
}

function childRelationships(org: Org, object: ObjectSchema): unknown[] {
  return org.schema
    .childrenOf(object.name)
    .filter(({ child }) => org.schema.require(child).access !== 'none')
    .map(({ child, field, relationshipName, cascadeDelete }) => ({
      cascadeDelete,
      childSObject: child,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName,
      restrictedDelete: false,
    }));
}

function recordTypes(org: Org, object: ObjectSchema, base: string): unknown[] {
  const info = (id: string, name: string, developerName: string, isMaster: boolean, isDefault: boolean): unknown => ({
    active: true,
    available: true,
    defaultRecordTypeMapping: isDefault,
    developerName,
    master: isMaster,
    name,
    recordTypeId: id,
    urls: { layout: `${base}/describe/layouts/${id}` },
  });
  const declared = org.core.database
    .prepare('select seq, "Name" as name, "DeveloperName" as developerName from "r_RecordType" where "SobjectType" = ?')
    .all(object.name) as { seq: number; name: string; developerName: string }[];
  const recordType = org.schema.require('RecordType');
  return [
    ...declared.map(({ seq, name, developerName }) =>
      info(org.ids.encode(org.reference(recordType, seq)), name, developerName, false, false),
    ),
    info(MASTER_RECORD_TYPE, 'Master', 'Master', true, true),
  ];
}

/** The attributes of a field, all of them, in the order of the vendor. */
function describeField(field: Field): Record<string, unknown> {
  const isText = field.length > 0;
  const isPolymorphic = field.referenceTo.length > 1;
  return {
    aggregatable: field.sortable && field.type !== 'boolean',
    aiPredictionField: false,
    autoNumber: field.autoNumber !== null,
    byteLength: isText ? byteLength(field) : 0,
    calculated: field.calculated,
    calculatedFormula: null,
    cascadeDelete: field.cascadeDelete,
    caseSensitive: field.caseSensitive,
    compoundFieldName: field.compoundFieldName,
    controllerName: field.controllerName,
    createable: field.createable,
    custom: field.custom,
    defaultValue: field.defaultValue,
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: field.controllerName !== null,
    deprecatedAndHidden: false,
    digits: field.digits,
    displayLocationInDecimal: field.type === 'location',
    encrypted: field.type === 'encryptedstring',
    externalId: field.externalId,
    extraTypeInfo: field.extraTypeInfo,
    filterable: field.filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: field.groupable,
    highScaleNumber: false,
    htmlFormatted: field.htmlFormatted,
    idLookup: field.idLookup,
    inlineHelpText: field.inlineHelpText,
    label: field.label,
    length: field.length,
    mask: field.type === 'encryptedstring' ? 'X' : null,
    maskType: field.type === 'encryptedstring' ? 'lastFour' : null,
    name: field.name,
    nameField: field.nameField,
    namePointing: isPolymorphic,
    nillable: field.nillable,
    permissionable: field.custom || (field.updateable && field.nillable),
    picklistValues: field.picklist.map(({ active, isDefault, label, value }) => ({
      active,
      defaultValue: isDefault,
      label,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: isPolymorphic,
    precision: field.precision,
    queryByDistance: field.type === 'address' || field.type === 'location',
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: field.restrictedPicklist,
    scale: field.scale,
    searchPrefilterable: field.type === 'reference',
    soapType: soapTypeOf(field.type),
    sortable: field.sortable,
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  };
}

/** Three bytes for a character; Ids are plain letters. */
function byteLength({ type, length }: Field): number {
  return type === 'id' || type === 'reference' ? length : length * 3;
}
