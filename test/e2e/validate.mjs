// Reads an OpenAPI document from standard input, and ends with 1 where it does not hold up against the schema of its version.
import { Validator } from '@seriousme/openapi-schema-validator'
import { text } from 'node:stream/consumers'

const validator = new Validator()
const result = await validator.validate(JSON.parse(await text(process.stdin)))
console.log(JSON.stringify({ valid: result.valid, version: validator.version, errors: result.errors ?? [] }))
process.exitCode = result.valid ? 0 : 1
