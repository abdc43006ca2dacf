#include "lists/trust/words.h"

#include <sodium.h>
#include <string.h>

/* Short, of everyday things, without accents; no two begin with the same four letters. */
const char *const words_list[WORDS_COUNT] = {
    "abeja",  "abril",    "acero",   "agua",     "aguja",   "ala",     "alba",    "alga",
    "alma",   "altar",    "amapola", "ancla",    "anillo",  "arbol",   "arco",    "arena",
    "arpa",   "arroz",    "aula",    "avena",    "avion",   "azul",    "bahia",   "balcon",
    "balsa",  "bambu",    "banco",   "barca",    "barro",   "base",    "beso",    "bicho",
    "bloque", "bola",     "bolsa",   "bosque",   "bota",    "brazo",   "brisa",   "bronce",
    "buho",   "burro",    "cabra",   "cacao",    "cafe",    "caja",    "calma",   "calor",
    "camino", "campo",    "canal",   "canela",   "canto",   "capa",    "caracol", "carbon",
    "carta",  "casa",     "cebra",   "cedro",    "cera",    "cielo",   "ciervo",  "cima",
    "cine",   "circo",    "ciudad",  "clavel",   "cobre",   "coco",    "codo",    "colina",
    "coma",   "concha",   "copa",    "coral",    "corcho",  "corona",  "cosecha", "crema",
    "cuento", "cuerda",   "cueva",   "cuna",     "dado",    "danza",   "dedo",    "delfin",
    "dibujo", "disco",    "domingo", "duna",     "durazno", "ebano",   "eco",     "edad",
    "eje",    "elefante", "enero",   "erizo",    "escoba",  "esfera",  "espejo",  "estrella",
    "etapa",  "faro",     "feria",   "fibra",    "fiesta",  "figura",  "flauta",  "flor",
    "foca",   "fogata",   "folio",   "fruta",    "fuente",  "galeta",  "gallo",   "ganso",
    "garza",  "gato",     "gema",    "gesto",    "girasol", "globo",   "gota",    "grano",
    "grillo", "grua",     "guante",  "guitarra", "haba",    "hada",    "harina",  "helecho",
    "hielo",  "hierba",   "higo",    "hilo",     "hoja",    "horno",   "huella",  "huerto",
    "humo",   "idea",     "iglu",    "iman",     "isla",    "jabon",   "jalea",   "jardin",
    "jarra",  "jazmin",   "jirafa",  "joya",     "juego",   "julio",   "junco",   "kilo",
    "kiwi",   "koala",    "lago",    "lana",     "lapiz",   "laurel",  "lechuga", "lenteja",
    "lima",   "lince",    "lino",    "llave",    "lobo",    "loro",    "lucero",  "luna",
    "madera", "maiz",     "mango",   "mapa",     "marco",   "marea",   "mesa",    "metal",
    "miel",   "mimbre",   "mirlo",   "molino",   "mono",    "mora",    "mosca",   "museo",
    "musgo",  "nabo",     "nariz",   "nave",     "nido",    "nieve",   "noche",   "nogal",
    "norte",  "nube",     "nuez",    "oasis",    "oceano",  "octubre", "oliva",   "onda",
    "orilla", "oro",      "oso",     "otono",    "oveja",   "pagina",  "paloma",  "panal",
    "papel",  "pato",     "pera",    "perla",    "piano",   "pino",    "pluma",   "polen",
    "puente", "pulpo",    "quinto",  "radio",    "rama",    "raton",   "remo",    "risa",
    "roble",  "rosa",     "rueda",   "sabana",   "salto",   "semilla", "sierra",  "silla",
    "sirena", "sombra",   "tabla",   "tambor",   "taza",    "techo",   "tejido",  "tigre",
    "tinta",  "torre",    "trigo",   "trompo",   "tulipan", "urna",    "vela",    "venado"};

void words_write_key(const struct minisign_public *public, char text[WORDS_TEXT_BYTES])
{
    unsigned char hash[32];
    crypto_generichash_state state;
    size_t size = 0;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, public->id, sizeof public->id);
    crypto_generichash_update(&state, public->key, sizeof public->key);
    crypto_generichash_final(&state, hash, sizeof hash);
    for (size_t i = 0; i < WORDS_PER_KEY; i++) {
        const char *word = words_list[hash[i]];
        size_t length = strlen(word);
        memcpy(text + size, word, length);
        size += length;
        text[size++] = ' ';
    }
    text[size - 1] = '\0';
}
