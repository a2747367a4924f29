/* Guests who buy one box each over HTTP, as fast as the shop lets them.
 *
 * buyers PORT BUYERS SECONDS VARIANTS ROUND
 * BUYERS threads; every purchase is a new guest on a new connection: POST /cart/items,
 * then POST /checkout by bank transfer. Each address buys a few times only, because
 * the shop limits how often one address may order, and no ROUND uses another's. Nor
 * does a phone buy twice: what one may leave unpaid is limited as well.
 * Prints orders and seconds. Anything but 303 ends the run with exit code 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 65536, REQUEST = 4096, ORDERS_PER_ADDRESS = 10 };

static const char *ADDRESS =
    "recipient=%E6%9D%8E%E6%95%8F"
    "&province=%E5%B1%B1%E4%B8%9C%E7%9C%81&city=%E6%B5%8E%E5%8D%97%E5%B8%82"
    "&district=%E5%8E%86%E4%B8%8B%E5%8C%BA"
    "&street=%E8%A7%A3%E6%94%BE%E8%B7%AF+112+%E5%8F%B7&payment_method=bank_transfer";

static int port, variants, round_number;
static double deadline;
static atomic_int orders;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *why, const char *detail) {
  fprintf(stderr, "%s: %.600s\n", why, detail);
  _exit(1);
}

/* A connection from an address that few purchases share. */
static int connect_from(int buyer, int serial) {
  int group = serial / ORDERS_PER_ADDRESS + 2000 * round_number;
  struct sockaddr_in mine = {.sin_family = AF_INET}, shop = mine;
  mine.sin_addr.s_addr =
      htonl(127u << 24 | (buyer + 1) << 16 | (group / 250) << 8 | (group % 250 + 1));
  shop.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  shop.sin_port = htons(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&mine, sizeof mine)) die("bind", "no address");
  if (connect(fd, (struct sockaddr *)&shop, sizeof shop)) die("connect", "no shop");
  return fd;
}

/* Send a form and read the whole answer, which must be a 303. */
static void post(int fd, const char *path, const char *cookie, const char *form,
                 char *answer) {
  char request[REQUEST];
  int length = snprintf(
      request, sizeof request,
      "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nSec-Fetch-Site: same-origin\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nCookie: %s\r\n"
      "Content-Length: %zu\r\n\r\n%s",
      path, port, cookie, strlen(form), form);
  if (write(fd, request, length) != length) die("write", path);
  size_t have = 0, want = ANSWER;
  while (have < want) {
    ssize_t got = read(fd, answer + have, ANSWER - 1 - have);
    if (got <= 0) die("the shop hung up", path);
    answer[have += got] = 0;
    char *body = strstr(answer, "\r\n\r\n"), *size = strcasestr(answer, "content-length:");
    if (body && size) want = body + 4 - answer + strtoul(size + 15, NULL, 10);
  }
  if (strncmp(answer + 9, "303", 3)) die(path, answer);
}

static void buy(int buyer, int serial, char *answer) {
  char form[1024], cookie[256];
  int fd = connect_from(buyer, serial);
  int variant = (buyer * 7919 + serial * 31) % variants + 1;
  snprintf(form, sizeof form, "variant_id=%d&quantity=1", variant);
  post(fd, "/cart/items", "lang=zh", form, answer);
  char *visitor = strstr(answer, "visitor=");
  if (!visitor) die("no visitor", answer);
  snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(visitor, ";\r"), visitor);
  snprintf(form, sizeof form, "%s&phone=13%d%03d%05d&request_id=bench-%d-%d-%d", ADDRESS,
           round_number % 10, buyer, serial % 100000, round_number, buyer, serial);
  post(fd, "/checkout", cookie, form, answer);
  if (!strstr(answer, "/orders/")) die("not ordered", answer);
  close(fd);
}

static void *shop_on(void *number) {
  char *answer = malloc(ANSWER);
  for (int serial = 0; now() < deadline; serial++) {
    buy((int)(long)number, serial, answer);
    orders++;
  }
  free(answer);
  return NULL;
}

int main(int count, char **words) {
  if (count != 6) die("usage", "buyers PORT BUYERS SECONDS VARIANTS ROUND");
  int buyers = atoi(words[2]);
  port = atoi(words[1]), variants = atoi(words[4]), round_number = atoi(words[5]);
  pthread_t threads[256];
  if (buyers < 1 || buyers > 250) die("usage", "1 to 250 buyers");
  double began = now();
  deadline = began + atof(words[3]);
  for (long i = 0; i < buyers; i++) pthread_create(&threads[i], NULL, shop_on, (void *)i);
  for (int i = 0; i < buyers; i++) pthread_join(threads[i], NULL);
  printf("%d %.6f\n", orders, now() - began);
  return 0;
}
