import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
  validate,
  visit,
} from 'graphql'
import type { GraphRoot } from './graph-schema.ts'

/** The SDK's largest question has under 200 tokens with one grantee; a filter of all rights fits many times. */
const MAX_TOKENS = 2_000
/** The deepest field the SDK asks for is the third (`stream { permissions { id } }`). */
const MAX_DEPTH = 3
/** Fields over all levels; each of the outer ones may read a page of rows. */
const MAX_FIELDS = 40
/** Levels of a filter's objects and lists; the SDK's deepest has seven. */
const MAX_VALUE_DEPTH = 8
const MAX_ERRORS = 5

function fieldCount(set: SelectionSetNode, depth: number): number {
  if (depth > MAX_DEPTH) throw new GraphQLError(`The query is deeper than ${MAX_DEPTH} fields`)
  let count = 0
  for (const selection of set.selections) {
    if (selection.kind !== Kind.FIELD) throw new GraphQLError('Fragments are not served here')
    count += 1
    if (selection.selectionSet !== undefined) count += fieldCount(selection.selectionSet, depth + 1)
  }
  return count
}

function assertShallow(value: ValueNode, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new GraphQLError('The filter is nested too deeply')
  if (value.kind === Kind.LIST) for (const item of value.values) assertShallow(item, depth + 1)
  if (value.kind === Kind.OBJECT) for (const field of value.fields) assertShallow(field.value, depth + 1)
}

function assertBounded(document: DocumentNode): void {
  let fields = 0
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) throw new GraphQLError('Fragments are not served here')
    if (definition.operation !== 'query') throw new GraphQLError('Only queries are served here')
    // Values that do not stand in the query would pass the bounds by.
    if ((definition.variableDefinitions ?? []).length > 0)
      throw new GraphQLError('Variables are not served here')
    fields += fieldCount(definition.selectionSet, 1)
  }
  if (fields > MAX_FIELDS) throw new GraphQLError(`The query has more than ${MAX_FIELDS} fields`)
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.ARGUMENT) assertShallow(node.value, 1)
    },
  })
}

/** Answers one question in GraphQL's own form, errors included; never throws. */
export async function answerGraphQuery(
  schema: GraphQLSchema,
  rootValue: GraphRoot,
  source: string,
): Promise<ExecutionResult> {
  try {
    const document = parse(source, { maxTokens: MAX_TOKENS, noLocation: true })
    assertBounded(document)
    const errors = validate(schema, document, undefined, { maxErrors: MAX_ERRORS })
    if (errors.length > 0) return { errors }
    return await execute({ schema, document, rootValue })
  } catch (error) {
    const known = error instanceof GraphQLError ? error : new GraphQLError('The query could not be answered')
    return { errors: [known] }
  }
}
