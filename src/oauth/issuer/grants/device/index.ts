/** Devices without a browser (RFC 8628). */
export { redeemDeviceCode } from "./redeem-device-code.ts";
export { startDevice, type DeviceAuthorization } from "./start-device.ts";
