/** OpenAPI documents as people write them, and as attackers do. */
export const PETS = `openapi: 3.0.3
info: { title: Pet Store, version: "1" }
servers: [{ url: "{scheme}://api.pets.example/v2", variables: { scheme: { default: https } } }]
security: [{ token: [] }]
paths:
  /pets:
    get:
      operationId: listPets
      summary: List pets
      description: Lists the pets of the store, the newest first.
      tags: [Pets]
      parameters:
        - { name: limit, in: query, description: How many at most., schema: { type: integer, minimum: 1, maximum: 100, default: 20 } }
        - { name: tags, in: query, schema: { type: array, items: { type: string } } }
        - { name: X-Trace, in: header, schema: { type: string, minLength: 8 } }
    post:
      operationId: create-pet
      tags: [Pets]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
  /pets/{petId}:
    parameters: [{ $ref: "#/components/parameters/PetId" }]
    put:
      tags: [Pets]
      requestBody: { required: true, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Pet" } } } } }
    delete:
      summary: Remove a pet
      tags: [Pets]
      security: []
  /photos:
    post:
      requestBody: { required: true, content: { multipart/form-data: { schema: { type: object } } } }
components:
  securitySchemes: { token: { type: apiKey, in: header, name: X-Api-Key } }
  parameters: { PetId: { name: petId, in: path, required: true, schema: { type: string, minLength: 2 } } }
  schemas:
    Pet:
      type: object
      required: [id, name, kind]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, description: What it is called., maxLength: 40 }
        kind: { type: string, enum: [cat, dog] }
        weight: { type: number, minimum: 0, exclusiveMinimum: true, nullable: true }
        secret: { type: string, format: password }
        parent: { $ref: "#/components/schemas/Pet" }
`;

/** A document with one operation and this about it. */
export const withOperation = (operation: object, more: object = {}): string =>
  JSON.stringify({
    openapi: "3.1.0",
    info: { title: "T" },
    servers: [{ url: "https://api.example" }],
    paths: { "/x": { get: operation } },
    ...more,
  });

/** Texts that would be code, markup or hidden in a careless place. */
export const INJECTIONS: readonly string[] = [
  '"; process.exit(1); //',
  "`${process.exit(1)}`",
  "*/ process.exit(1); /*",
  "'); import('node:fs'); ('",
  '\\"; throw 1; \\\\',
  "a\u2028process.exit(1)\u2029b",
  "a\nprocess.exit(1)\r\nb",
  "</script><script>alert(1)</script>",
  "zero\u200bwidth \u202Ereversed \u{e0041} tag",
  "__proto__",
  "constructor",
  "${{ secrets.TOKEN }}",
  "\ud800 lone",
  "| table | `code` |\n# Heading",
];
