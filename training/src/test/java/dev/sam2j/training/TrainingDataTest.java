package dev.sam2j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.PixelBox;
import dev.sam2j.training.data.Sample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same two objects in every format, and what is wrong with data. */
class TrainingDataTest {
    private static final int WIDTH = 40;
    private static final int HEIGHT = 30;
    private static final int SIDE = 64;
    private static final Mask LEFT = Mask.ofBox(WIDTH, HEIGHT, new PixelBox(3, 4, 12, 20));
    private static final Mask RIGHT = Mask.ofBox(WIDTH, HEIGHT, new PixelBox(20, 8, 35, 22));

    @TempDir
    Path folder;

    private Path images;
    private Path other;
    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void makePicture() throws IOException {
        images = Files.createDirectories(folder.resolve("images"));
        other = Files.createDirectories(folder.resolve("other"));
        picture("a.png", 1);
    }

    private void picture(String name, int seed) {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * seed % 251);
        }
        Picture.of(rgb, WIDTH, HEIGHT).write(images.resolve(name));
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text.replace('\'', '"'));
    }

    private TrainingData coco(String annotations) throws IOException {
        Path json = write(
                "a.json",
                "{'images':[{'id':7,'file_name':'a.png','width':40,'height':30}],'annotations':[" + annotations
                        + "],'categories':[{'id':1,'name':'cell'},{'id':2,'name':'dirt'}]}");
        return TrainingData.coco(json, images);
    }

    private static String annotation(int id, String segmentation) {
        return "{'id':" + id + ",'image_id':7,'category_id':" + id + ",'segmentation':" + segmentation + "}";
    }

    private static final String LEFT_RING = "[[3,4,13,4,13,21,3,21]]";

    private static String runs(Mask mask, boolean compressed) {
        CocoRle rle = CocoRle.of(mask);
        String counts =
                compressed ? "'" + rle.toCompressed().replace("\\", "\\\\") + "'" : Arrays.toString(rle.counts());
        return "{'size':[30,40],'counts':" + counts + "}";
    }

    private void assertBoth(TrainingData data) {
        TrainingData.Checked checked = data.withNotices(notices::add).checked(SIDE, 16);
        assertEquals(2, checked.summary().objects());
        assertEquals(1, checked.data().size());
        Sample sample = checked.data().samples().get(0);
        assertEquals("a.png", sample.name());
        assertEquals(List.of(LEFT, RIGHT), sample.masks());
        assertEquals(List.of(RIGHT), sample.masks(1));
        assertEquals(WIDTH, sample.picture().width());
    }

    private static String refused(TrainingData data) {
        return assertThrows(TrainingException.class, () -> data.check(SIDE, 16)).getMessage();
    }

    @Test
    void cocoPolygonsAndRunLengths() throws IOException {
        assertBoth(coco(annotation(1, LEFT_RING) + "," + annotation(2, runs(RIGHT, true))));
        assertBoth(coco(annotation(1, runs(LEFT, false)) + "," + annotation(2, runs(RIGHT, true))));
    }

    @Test
    void cocoPolygonsOfAnObjectAreJoined() throws IOException {
        String two = "[[3,4,13,4,13,10,3,10],[3,10,13,10,13,21,3,21]]";
        assertBoth(coco(annotation(1, two) + "," + annotation(2, runs(RIGHT, true))));
    }

    @Test
    void cocoTakesCategoriesAndLeavesCrowdsOut() throws IOException {
        String crowd = annotation(3, runs(RIGHT, true)).replace("'id':3", "'iscrowd':1,'id':3");
        TrainingData data = coco(annotation(1, LEFT_RING) + "," + annotation(2, runs(RIGHT, true)) + "," + crowd);
        TrainingData.Summary summary = data.withCategories("cell").check(SIDE, 16);
        assertEquals(1, summary.objects());
        assertEquals(Map.of("crowds (iscrowd)", 1, "objects of other categories", 1), summary.leftOut());
        String message = refused(data.withCategories("sell"));
        assertTrue(message.endsWith("has no category 'sell', but these: 'cell, dirt'"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'id':5,'image_id':7,'bbox':[1,2,3,4]} | annotation 5 has no segmentation, which training needs; a box is not enough",
                "{'id':5,'image_id':7,'segmentation':[]} | annotation 5 has no segmentation, which training needs; a box is not enough",
                "{'id':5,'image_id':9,'segmentation':[[1,1,9,1,9,9]]} | annotation 5 belongs to picture 9, which is not in the file",
                "{'id':5,'segmentation':[[1,1,9,1,9,9]]} | annotation 5 has no image_id, which is a whole number",
                "{'id':5,'image_id':7,'segmentation':[[1,1,9,1]]} | annotation 5 has a polygon that is none: expected [x, y, x, y, ...] of at least three corners, in pixels",
                "{'id':5,'image_id':7,'segmentation':[[1,1,9,1,9,NaN]]} | annotation 5 has a polygon that is none: expected [x, y, x, y, ...] of at least three corners, in pixels",
                "{'id':5,'image_id':7,'segmentation':[[1,1,9e6,1,9,9e6]]} | annotation 5: its outline is longer than any in a picture of 40x30 pixels",
                "{'id':5,'image_id':7,'segmentation':{'size':[30,40],'counts':[1,2]}} | annotation 5 has broken run lengths: RLE: run lengths add up to 3, expected 40x30 = 1200",
                "{'id':5,'image_id':7,'segmentation':{'size':[40,30],'counts':[600,600]}} | annotation 5: its run lengths are those of 30x40 pixels, the picture has 40x30",
                "{'id':5,'image_id':7,'segmentation':{'counts':[600,600]}} | annotation 5 has run lengths without size [height, width] or counts"
            })
    void cocoAnnotationsThatAreRefused(String annotation, String problem) throws IOException {
        TrainingData data = coco(annotation(1, LEFT_RING) + "," + annotation);
        String message = refused(data);
        assertEquals(folder.resolve("a.json") + ": " + problem, message);
        TrainingData.Summary summary =
                data.skippingBad().withNotices(notices::add).check(SIDE, 16);
        assertEquals(1, summary.objects());
        assertEquals(List.of(message), notices);
        assertEquals(1, summary.leftOut().get("broken, see the messages"));
    }

    @Test
    void emptyMasksSmallOnesAndTwinsAreFound() throws IOException {
        String message = refused(coco(annotation(1, "[[3.1,3.1,3.2,3.1,3.2,3.2]]")));
        assertEquals("a.png: annotation 1 of a.json has no pixel", message);
        String small = "[[3,4,4,4,4,5,3,5]]";
        String three = annotation(1, LEFT_RING) + "," + annotation(2, small) + "," + annotation(3, LEFT_RING);
        TrainingData.Summary summary = coco(three).check(SIDE, 16);
        assertEquals(1, summary.objects());
        assertEquals(
                Map.of("objects smaller than 16 pixels after scaling", 1, "objects annotated twice", 1),
                summary.leftOut());
        assertEquals(2, coco(three).check(SIDE, 1).objects());
    }

    @Test
    void picturesThatAreMissingBrokenOrOfAnotherSize() throws IOException {
        String two = "{'images':[{'id':1,'file_name':'%s'},{'id':2,'file_name':'x/a.png','width':%d,'height':30}],"
                + "'annotations':[{'image_id':1,'segmentation':%s},{'image_id':2,'segmentation':%s}]}";
        Path json = write("two.json", String.format(Locale.ROOT, two, "b.png", 40, LEFT_RING, LEFT_RING));
        TrainingData data = TrainingData.coco(json, images);
        assertEquals(json + ": picture 'b.png' is not in " + images, refused(data));
        assertEquals(1, data.skippingBad().check(SIDE, 16).pictures());
        Files.writeString(images.resolve("b.png"), "no picture");
        assertTrue(refused(data).startsWith(images.resolve("b.png") + " is "), refused(data));
        assertEquals(1, data.skippingBad().check(SIDE, 16).pictures());
        picture("b.png", 2);
        assertEquals(2, data.check(SIDE, 16).pictures());
        picture("b.png", 1);
        assertEquals(1, data.check(SIDE, 16).leftOut().get("pictures with the same pixels as another"));
        write("two.json", String.format(Locale.ROOT, two, "b.png", 41, LEFT_RING, LEFT_RING));
        assertEquals(images.resolve("a.png") + " has 40x30 pixels, its annotations are made for 41x30", refused(data));
        write("two.json", String.format(Locale.ROOT, two, "a.png", 40, LEFT_RING, LEFT_RING));
        assertEquals(json + ": picture 'x/a.png' is listed twice", refused(data));
        write("two.json", String.format(Locale.ROOT, two, "../other/../../a.png", 40, LEFT_RING, LEFT_RING));
        assertTrue(refused(data).endsWith("is listed twice"), "names that lead out of the folder do not");
    }

    @Test
    void labelPictures() throws IOException {
        MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT)), other.resolve("a.png"));
        assertBoth(TrainingData.labels(other, images));
        MaskPng.write(
                LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT), new int[] {300, 60_000}), other.resolve("a.png"));
        assertBoth(TrainingData.labels(other, images));
        assertEquals(List.of(), notices);
    }

    @Test
    void labelsOfVoid() throws IOException {
        MaskPng.write(
                LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT), new int[] {1, 255}), other.resolve("a.png"));
        assertBoth(TrainingData.labels(other, images));
        assertEquals(1, notices.size());
        assertTrue(notices.get(0).contains("255 beside others"), notices::toString);
        assertEquals(
                1,
                TrainingData.labels(other, images).withVoid(255).check(SIDE, 16).objects());
    }

    @Test
    void binaryLabelsAreOneObject() {
        MaskPng.write(LEFT.or(RIGHT), other.resolve("a.png"));
        picture("b.png", 2);
        MaskPng.write(LEFT, other.resolve("b.png"));
        TrainingData data = TrainingData.labels(other, images).withNotices(notices::add);
        assertEquals(2, data.check(SIDE, 16).objects());
        assertEquals(
                List.of(other.resolve("a.png") + " and maybe others have no values but 0 and 255: one object"),
                notices);
    }

    @Test
    void labelsOfOtherPictures() {
        MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT)), other.resolve("a.png"));
        MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT)), other.resolve("c.png"));
        TrainingData data = TrainingData.labels(other, images);
        assertEquals(other.resolve("c.png") + " has no picture of its name in " + images, refused(data));
        assertEquals(1, data.skippingBad().check(SIDE, 16).pictures());
        MaskPng.write(LEFT.placedAt(0, 0, WIDTH + 1, HEIGHT), other.resolve("a.png"));
        assertTrue(refused(TrainingData.labels(other, images)).contains("c.png"));
        picture("c.png", 3);
        assertEquals(
                images.resolve("a.png") + " has 40x30 pixels, its annotations are made for 41x30",
                refused(TrainingData.labels(other, images)));
    }

    @Test
    void maskFolders() throws IOException {
        Path own = Files.createDirectories(other.resolve("a"));
        MaskPng.write(LEFT, own.resolve("1.png"));
        MaskPng.write(RIGHT, own.resolve("10.png"));
        assertBoth(TrainingData.masks(other, images));
        MaskPng.write(RIGHT.placedAt(0, 0, WIDTH, HEIGHT + 2), own.resolve("10.png"));
        assertEquals(
                own.resolve("10.png") + " has 40x32 pixels, its picture 40x30",
                refused(TrainingData.masks(other, images)));
    }

    @Test
    void labelMe() throws IOException {
        String right = Base64.getEncoder().encodeToString(png(16, 15));
        String shapes = "{'label':'cell','points':[[3,4],[13,4],[13,10],[3,10]],'group_id':4},"
                + "{'label':'cell','points':[[5,5]],'shape_type':'point'},"
                + "{'label':'cell','shape_type':'rectangle','points':[[13,21],[3,9]],'group_id':4},"
                + "{'label':'dirt','shape_type':'mask','points':[[20,8],[35,22]],'mask':'" + right + "'}";
        write("images/a.json", labelMe(shapes));
        assertBoth(TrainingData.labelMe(images));
        assertEquals(
                1,
                TrainingData.labelMe(images)
                        .withCategories("dirt")
                        .check(SIDE, 16)
                        .objects());
        write("images/a.json", labelMe("{'shape_type':'circle','points':[[20,15],[26,15]],'label':'x'}"));
        Sample disc =
                TrainingData.labelMe(images).checked(SIDE, 16).data().samples().get(0);
        assertEquals(Math.PI * 36, disc.masks().get(0).area(), 5);
        write("images/a.json", labelMe("{'shape_type':'polygon','points':[[20,15],[26,15]],'label':'x'}"));
        assertEquals(
                images.resolve("a.json") + ": shape 0 ('x') is no 'polygon': its points or its mask are broken",
                refused(TrainingData.labelMe(images)));
        write("images/a.json", labelMe("{'points':[[3,4],[13,4],[13,10]]}").replace("a.png", "b.png"));
        assertTrue(refused(TrainingData.labelMe(images)).endsWith("b.png', which is not beside it"));
    }

    private static String labelMe(String shapes) {
        return "{'version':'5','imagePath':'..\\\\up\\\\a.png','imageWidth':40,'imageHeight':30,'imageData':'AAAA',"
                + "'shapes':[" + shapes + "]}";
    }

    /** A picture of ones, as LabelMe stores masks. */
    private static byte[] png(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < width * height; i++) {
            image.getRaster().setSample(i % width, i / width, 0, 1);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void yolo() throws IOException {
        String left = "0 0.075 0.1333333333 0.325 0.1333333333 0.325 0.7 0.075 0.7\n";
        write("other/a.txt", left + "\n1 0.5 0.2666666667 0.9 0.2666666667 0.9 0.7666666667 0.5 0.7666666667\n");
        assertBoth(TrainingData.yolo(other, images));
        assertEquals(
                1,
                TrainingData.yolo(other, images)
                        .withCategories("1")
                        .check(SIDE, 16)
                        .objects());
        write("other/a.txt", left + "1 0.5 0.5 0.2 0.2\n");
        Path file = other.resolve("a.txt");
        assertEquals(
                file + ": line 2 is a box, but training needs polygons", refused(TrainingData.yolo(other, images)));
        write("other/a.txt", "0 0.1 0.1 0.5 x 0.2 0.2\n");
        assertTrue(refused(TrainingData.yolo(other, images)).startsWith(file + ": line 1 has 'x' where"));
        write("other/a.txt", "0 12 10 50 10 50 50\n");
        assertTrue(refused(TrainingData.yolo(other, images)).startsWith(file + ": line 1 has '12' where"));
    }

    @Test
    void dataSetsMix() throws IOException {
        Path second = Files.createDirectories(folder.resolve("second"));
        picture("b.png", 5);
        Files.move(images.resolve("b.png"), second.resolve("a.png"));
        MaskPng.write(LabelMap.ofMasks(WIDTH, HEIGHT, List.of(LEFT, RIGHT)), other.resolve("a.png"));
        TrainingData coco = coco(annotation(1, LEFT_RING) + "," + annotation(2, runs(RIGHT, true)));
        TrainingData both = TrainingData.mixed(coco.withCategories("cell"), TrainingData.labels(other, second));
        List<Sample> samples = both.checked(SIDE, 16).data().samples();
        assertEquals(
                List.of("a.png", "a.png#2"), samples.stream().map(Sample::name).toList());
        assertEquals(1, samples.get(0).objects().count());
        TrainingData twice = TrainingData.mixed(coco, TrainingData.labels(other, images));
        assertEquals(images.resolve("a.png") + " is in two of the data sets", refused(twice));
    }

    @Test
    void namesOfTheCommandLine() throws IOException {
        coco(annotation(1, LEFT_RING) + "," + annotation(2, runs(RIGHT, true)));
        assertBoth(TrainingData.of("coco:" + folder.resolve("a.json"), images));
        String message = assertThrows(TrainingException.class, () -> TrainingData.of("voc:x", images))
                .getMessage();
        assertEquals(
                "'voc:x' is no training data; known are coco:FILE, labels:DIR, masks:DIR, labelme:DIR and yolo:DIR",
                message);
        assertThrows(TrainingException.class, () -> TrainingData.of("coco:x", null));
    }

    @Test
    void filesThatAreNoData() throws IOException {
        assertEquals(
                folder.resolve("a.json") + " does not exist",
                refused(TrainingData.coco(folder.resolve("a.json"), images)));
        assertTrue(refused(TrainingData.coco(write("a.json", "[]"), images)).endsWith("holds no JSON object"));
        assertTrue(refused(TrainingData.coco(write("a.json", "{'images':[{'id':"), images))
                .endsWith("is not JSON or is cut off, wrong in line 1"));
        assertEquals(
                folder.resolve("nowhere") + " does not exist",
                refused(TrainingData.labels(folder.resolve("nowhere"), images)));
        PngFile.write(new BufferedImage(3, 3, BufferedImage.TYPE_INT_RGB), images.resolve("a.jpg"));
        assertTrue(refused(TrainingData.yolo(other, images)).contains("differ by their suffixes only"));
    }
}
