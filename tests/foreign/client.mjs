// Places an order, reads it back, cancels it: with generated code and nothing of Tidegate's but the proto.
// usage: node client.mjs ADDRESS API_KEY SYMBOL PRICE_TICKS; prints one line of JSON.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { OrderService } from "./gen/tidegate/v1/order_service_pb.js";
import { OrderType, ReportKind, Side, TimeInForce } from "./gen/tidegate/v1/types_pb.js";

const [address, apiKey, symbol, price] = process.argv.slice(2);
const orders = createClient(OrderService, createGrpcTransport({ baseUrl: `http://${address}` }));
const options = { headers: { "x-api-key": apiKey } };
const target = { symbol, clientOrderId: BigInt(Date.now()) };

const placed = await orders.placeOrder(
  { ...target, side: Side.BUY, type: OrderType.LIMIT, timeInForce: TimeInForce.GTC, priceTicks: BigInt(price), quantityLots: 1n },
  options,
);
const { order } = await orders.getOrder(target, options);
const canceled = await orders.cancelOrder(target, options);
let refusal = "";
try {
  await orders.cancelOrder(target, options);
} catch (error) {
  refusal = error.message;
}
const kinds = [...placed.reports, ...canceled.reports].map((report) => ReportKind[report.kind]);
console.log(JSON.stringify({ kinds, orderId: String(order.orderId), leaves: Number(order.leavesLots), refusal }));
process.exit(0);
