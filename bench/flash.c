/* A flash sale: buyers whose carts are full all send their checkout at once.
 *
 * flash PORT AT_ONCE BUYERS FIRST
 * AT_ONCE threads, each with a connection and an address of its own, as a proxy in front
 * would hold them, send one checkout after the other until BUYERS have been answered.
 * Buyer N, from FIRST on, is the browser whose cookie holds `flash-N`. Prints how many
 * won (303 to an order), how many were told that it is sold out (409), how many got 5xx,
 * the seconds it took, and the 99th percentile of the seconds that a winner waited.
 * Any other answer ends the run with exit code 1.
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

enum { ANSWER = 262144, REQUEST = 4096, MOST = 100000 };

static const char *ADDRESS =
    "recipient=%E6%9D%8E%E6%95%8F"
    "&province=%E5%B1%B1%E4%B8%9C%E7%9C%81&city=%E6%B5%8E%E5%8D%97%E5%B8%82"
    "&district=%E5%8E%86%E4%B8%8B%E5%8C%BA"
    "&street=%E8%A7%A3%E6%94%BE%E8%B7%AF+112+%E5%8F%B7&payment_method=bank_transfer";

static int port, buyers, first;
static atomic_int next_buyer, won, sold_out, broken;
static double waited[MOST];
static pthread_barrier_t start;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *why, const char *detail) {
  fprintf(stderr, "%s: %.600s\n", why, detail);
  _exit(1);
}

/* The address differs with the thread and the sale: the shop counts by address. */
static int connect_from(int thread) {
  int sale = first / 250 % 250;
  struct sockaddr_in mine = {.sin_family = AF_INET}, shop = mine;
  mine.sin_addr.s_addr =
      htonl(127u << 24 | (2 + sale) << 16 | (thread / 250) << 8 | (thread % 250 + 1));
  shop.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  shop.sin_port = htons(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&mine, sizeof mine)) die("bind", "no address");
  if (connect(fd, (struct sockaddr *)&shop, sizeof shop)) die("connect", "no shop");
  return fd;
}

/* Send one buyer's checkout and read the whole answer. */
static void check_out(int fd, int buyer, char *answer) {
  char request[REQUEST], form[1024];
  snprintf(form, sizeof form, "%s&phone=138%08d&request_id=flash-request-%d", ADDRESS, buyer,
           buyer);
  int length = snprintf(
      request, sizeof request,
      "POST /checkout HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nSec-Fetch-Site: same-origin\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n"
      "Cookie: lang=zh; visitor=flash-%d\r\nContent-Length: %zu\r\n\r\n%s",
      port, buyer, strlen(form), form);
  if (write(fd, request, length) != length) die("write", "the shop is gone");
  size_t have = 0, want = ANSWER;
  while (have < want) {
    ssize_t got = read(fd, answer + have, ANSWER - 1 - have);
    if (got <= 0) die("the shop hung up", answer);
    answer[have += got] = 0;
    char *body = strstr(answer, "\r\n\r\n"), *size = strcasestr(answer, "content-length:");
    if (body && size) want = body + 4 - answer + strtoul(size + 15, NULL, 10);
  }
}

static void *press(void *number) {
  char *answer = malloc(ANSWER);
  int fd = connect_from((int)(long)number);
  pthread_barrier_wait(&start);
  for (int buyer; (buyer = next_buyer++) < buyers;) {
    double began = now();
    check_out(fd, first + buyer, answer);
    int status = atoi(answer + 9);
    if (status == 303 && strstr(answer, "/orders/"))
      waited[won++] = now() - began;
    else if (status == 409)
      sold_out++;
    else if (status >= 500)
      broken++;
    else
      die("no answer of a sale", answer);
  }
  close(fd);
  free(answer);
  return NULL;
}

static int by_length(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **words) {
  if (count != 5) die("usage", "flash PORT AT_ONCE BUYERS FIRST");
  port = atoi(words[1]), buyers = atoi(words[3]), first = atoi(words[4]);
  int at_once = atoi(words[2]);
  pthread_t threads[1000];
  if (at_once < 1 || at_once > 1000 || buyers > MOST) die("usage", "too many");
  pthread_barrier_init(&start, NULL, at_once + 1);
  for (long i = 0; i < at_once; i++) pthread_create(&threads[i], NULL, press, (void *)i);
  double began = now();
  pthread_barrier_wait(&start);
  for (int i = 0; i < at_once; i++) pthread_join(threads[i], NULL);
  double seconds = now() - began;
  qsort(waited, won, sizeof *waited, by_length);
  double p99 = won ? waited[(won * 99 - 1) / 100] : 0;
  printf("%d %d %d %.6f %.6f\n", won, sold_out, broken, seconds, p99);
  return 0;
}
