import { mapping as mappingSchema } from '../../src/domain/definition';
import { typeProblems, usedFields } from '../../src/domain/field-types';
import { field, object } from '../support/described';

const source = object([field('email', { type: 'email' }), field('score', { type: 'integer' }), field('name')]);
const destination = object([field('Email', { type: 'email' }), field('Title'), field('Rating')]);
const definition = {
  match: { source: 'email', destination: 'Email' },
  mappings: [
    { from: { field: 'name' }, to: 'Title' },
    { from: { expression: 'text(score) + name' }, to: 'Rating' },
    { from: { constant: 'x' }, to: 'Nowhere' },
  ].map((each) => mappingSchema.parse(each)),
  filter: { column: 'score', operator: 'greaterThan' as const, value: 3 },
};

test('all fields that a definition uses are told with their places and types', () => {
  const told = usedFields(definition, source, destination).map(({ path, field: name, type }) => [path, name, type]);

  expect(told).toEqual([
    ['match.source', 'email', 'email'],
    ['match.destination', 'Email', 'email'],
    ['filter', 'score', 'integer'],
    ['mappings[0].from.field', 'name', 'text'],
    ['mappings[0].to', 'Title', 'text'],
    ['mappings[1].from.expression', 'score', 'integer'],
    ['mappings[1].from.expression', 'name', 'text'],
    ['mappings[1].to', 'Rating', 'text'],
  ]);
});

test('a field of another type than before is told wherever it is used, and nothing else', () => {
  const later = object([field('email', { type: 'email' }), field('score', { type: 'text' }), field('name')]);

  const problems = typeProblems(
    usedFields(definition, source, destination),
    usedFields({ ...definition, mappings: definition.mappings.slice(1) }, later, destination),
  );

  expect(problems).toEqual([
    {
      path: 'filter',
      message: 'score of Thing was of type integer, and is of type text now; resume if that is right.',
    },
  ]);
});
