/** Ids and instants that examples show. */
export const SAMPLE = {
  environmentId: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e",
  organizationId: "org_8e0a2c4f6b1d3e5a7c9f0b2d4e6a8c1f",
  memberId: "mem_2c4e6f8a0b1d3c5e7f9a1b3d5c7e9f0a",
  roleId: "rol_5d7f9a1b3c5e7f9a1b3d5c7e9f0a2c4e",
  scopeId: "scp_1b3d5f7a9c2e3a5c7e9f1b2d4f6a8c0e",
  connectionId: "conn_9f0b2d4e6a8c1f8e0a2c4f6b1d3e5a7c",
  accountId: "cac_4f6a8c0e1d3b5f7a9c2e3a5c7e9f1b2d",
  mcpServerId: "app_7a9c2e3a5c7e9f1b2d4f6a8c0e1d3b5f",
  userId: "usr_0b1d3c5e7f9a1b3d5c7e9f0a2c4e6f8a",
  templateId: "tpl_6b1d3e5a7c9f0b2d4e6a8c1f8e0a2c4f",
  at: "2026-03-14T10:30:00.000Z",
} as const;
