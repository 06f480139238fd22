/** The environment variable a connection's password may come from: for `shop-source` it is `DTS_CUTOVER_PASSWORD_SHOP_SOURCE`. */
export function passwordVariable(connectionId: string): string {
  return `DTS_CUTOVER_PASSWORD_${connectionId.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}
