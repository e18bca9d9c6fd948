// What each role may open; the same table as the server's (crates/identity:
// staff). It only spares people pages they would be refused: the server decides.

export type Permission = "converse" | "explain" | "release" | "manage_packs";

const table: Record<string, readonly Permission[]> = {
  agent: ["converse"],
  supervisor: ["converse", "explain"],
  release: ["release"],
  admin: ["explain", "manage_packs"],
};

export function may(roles: readonly string[], permission: Permission): boolean {
  return roles.some((role) => table[role]?.includes(permission));
}
